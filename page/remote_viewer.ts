/** The page's side of the viewer's worker. */
import { RemoteError } from './remote_error.ts';
import type { Added, Scene, Started, ViewerReply, ViewerRequest } from './viewer_messages.ts';

interface Pending {
  resolve(output: Started | Added): void;
  reject(error: Error): void;
}

export class RemoteViewer {
  private readonly worker = new Worker('viewer_worker.js', { type: 'module' });
  private readonly pending = new Map<number, Pending>();
  private lastId = 0;
  private started: Promise<Started>;

  /** Takes the canvas over for good. */
  constructor(canvas: HTMLCanvasElement) {
    this.worker.onmessage = ({ data }: MessageEvent<ViewerReply>) => this.receive(data);
    this.worker.onerror = ({ message }) => this.end(RemoteError.ended(message));
    const offscreen = 'transferControlToOffscreen' in canvas ? canvas.transferControlToOffscreen() : undefined;
    this.started = this.ask<Started>((id) => ({ id, task: 'start', canvas: offscreen }), offscreen ? [offscreen] : []);
  }

  /** The renderer's name. Rejects with a RemoteError, a 'DeviceError' when workers have no WebGL2. */
  get renderer(): Promise<string> {
    return this.started.then(({ renderer }) => renderer);
  }

  /** Decodes a file, or takes a bitmap over; it is seen when a scene has its number. @throws RemoteError */
  async add(picture: Blob | ImageBitmap): Promise<Added> {
    await this.started;
    return this.ask<Added>((id) => ({ id, task: 'add', picture }), picture instanceof Blob ? [] : [picture]);
  }

  /** Draws with the next frame. Pictures of the scene before that are not in this one are gone. */
  draw(scene: Scene): void {
    this.worker.postMessage({ task: 'draw', scene } satisfies ViewerRequest);
  }

  private ask<T extends Started | Added>(request: (id: number) => ViewerRequest, transfer: Transferable[]): Promise<T> {
    const id = ++this.lastId;
    return new Promise<Started | Added>((resolve, reject) => {
      this.pending.set(id, { resolve, reject });
      this.worker.postMessage(request(id), transfer);
    }) as Promise<T>;
  }

  private receive(reply: ViewerReply): void {
    const pending = this.pending.get(reply.id);
    this.pending.delete(reply.id);
    if (reply.kind === 'done') pending?.resolve(reply.output);
    else pending?.reject(new RemoteError(reply.name, reply.message));
  }

  /** A canvas is handed over once, so there is no second worker. */
  private end(error: RemoteError): void {
    this.worker.terminate();
    this.started = Promise.reject(error);
    this.started.catch(() => {}); // those who ask later are told
    for (const { reject } of this.pending.values()) reject(error);
    this.pending.clear();
  }
}
