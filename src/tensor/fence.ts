import type { Device } from './device.ts';
import { DeviceError, lostContext } from './errors.ts';

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

/** Resolves when the GPU has done everything issued so far. @throws DeviceError when the context is lost. */
export async function finished({ gl, lifetime }: Device): Promise<void> {
  const fence = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0);
  gl.flush();
  try {
    for (let polls = 0; ; polls++) {
      await (polls < EAGER_POLLS ? nextTask() : sleep(1));
      // Between two polls it may have been lost and come back, without the work.
      if (gl.isContextLost() || lifetime.over || !fence) throw lostContext();
      const status = gl.clientWaitSync(fence, 0, 0);
      if (status === gl.ALREADY_SIGNALED || status === gl.CONDITION_SATISFIED) return;
      if (status === gl.WAIT_FAILED) throw new DeviceError('Waiting for the GPU failed.');
    }
  } finally {
    gl.deleteSync(fence);
  }
}
