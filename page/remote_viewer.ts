/** What is asked of the worker that shows pictures. */
import { Remote, type RemoteError } from './remote.ts';
import type { Added, Scene, Started } from './viewer_messages.ts';

export class RemoteViewer {
  private readonly remote: Remote;
  private readonly started: Promise<Started>;

  /** Takes the canvas over for good: after the worker has ended another viewer needs another canvas. */
  constructor(canvas: HTMLCanvasElement, onEnd: (error: RemoteError) => void) {
    this.remote = new Remote('viewer_worker.js', onEnd);
    const offscreen = 'transferControlToOffscreen' in canvas ? canvas.transferControlToOffscreen() : undefined;
    this.started = this.remote.ask({ task: 'start', canvas: offscreen }, offscreen ? [offscreen] : []);
    this.started.catch(() => {}); // those who ask for something are told
  }

  get ended(): boolean {
    return this.remote.ended !== null;
  }

  /** The renderer's name. Rejects with a RemoteError, a 'DeviceError' when workers have no WebGL2. */
  get renderer(): Promise<string> {
    return this.started.then(({ renderer }) => renderer);
  }

  /** Decodes a file, or takes a bitmap over; it is seen when a scene has its number. @throws RemoteError */
  async add(picture: Blob | ImageBitmap): Promise<Added> {
    await this.started;
    return this.remote.ask<Added>({ task: 'add', picture }, picture instanceof Blob ? [] : [picture]);
  }

  /** Draws with the next frame. Pictures of the scene before that are not in this one are gone. */
  draw(scene: Scene): void {
    this.remote.tell({ task: 'draw', scene });
  }
}
