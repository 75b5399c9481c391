import type { Device } from './device.ts';
import { DeviceError, lostContext } from './errors.ts';
import type { Lifetime } from './lifetime.ts';

/** Gives the page its turn, without setTimeout's clamp to 4 ms. */
export function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Polls before a wait counts as long: from then on the polling itself must not take a core from a software driver. */
const EAGER_POLLS = 20;

/** What lies between two looks at whether something is done, of which there were `polls` so far. */
export function pause(polls: number): Promise<void> {
  return polls < EAGER_POLLS ? nextTask() : sleep(1);
}

/** A point in the work for the GPU: everything issued before it was made. */
export class Fence {
  private readonly gl: WebGL2RenderingContext;
  private readonly sync: WebGLSync | null;
  private readonly lifetime: Lifetime;

  constructor({ gl, lifetime }: Device) {
    this.gl = gl;
    this.sync = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0);
    this.lifetime = lifetime;
    gl.flush();
  }

  /** Resolves when the GPU has come that far; the fence is then gone. @throws DeviceError when the context is lost. */
  async passed(): Promise<void> {
    const { gl } = this;
    try {
      for (let polls = 0; ; polls++) {
        await pause(polls);
        // Between two polls it may have been lost and come back, without the work.
        if (gl.isContextLost() || this.lifetime.over || !this.sync) throw lostContext();
        const status = gl.clientWaitSync(this.sync, 0, 0);
        if (status === gl.ALREADY_SIGNALED || status === gl.CONDITION_SATISFIED) return;
        if (status === gl.WAIT_FAILED) throw new DeviceError('Waiting for the GPU failed.');
      }
    } finally {
      this.drop();
    }
  }

  /** Deletes it, without waiting for it. */
  drop(): void {
    this.gl.deleteSync(this.sync);
  }
}

/** Resolves when the GPU has done everything issued so far. @throws DeviceError when the context is lost. */
export function finished(device: Device): Promise<void> {
  return new Fence(device).passed();
}
