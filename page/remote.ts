/** The page's side of a worker: requests as promises that can be watched and stopped. */
import type { Progress } from '../src/index.ts';

/** What a worker says: of a request, by the number that came with it. */
export type Reply =
  | { readonly id: number; readonly kind: 'progress'; readonly progress: Progress }
  | { readonly id: number; readonly kind: 'done'; readonly output: unknown }
  | { readonly id: number; readonly kind: 'failed'; readonly name: string; readonly message: string };

/** An error of a worker, with the name that it had there. */
export class RemoteError extends Error {
  constructor(
    override readonly name: string,
    message: string,
  ) {
    super(message);
  }
}

export interface Watch {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

interface Pending {
  resolve(output: unknown): void;
  reject(error: Error): void;
  onProgress?(progress: Progress): void;
}

export class Remote {
  /** Why nothing can be asked any more: the worker died, with what it was doing, or could not be fetched. */
  ended: RemoteError | null = null;
  private readonly worker: Worker;
  private readonly pending = new Map<number, Pending>();
  private lastId = 0;

  constructor(script: string, onEnd?: (error: RemoteError) => void) {
    this.worker = new Worker(script, { type: 'module' });
    this.worker.onmessage = ({ data }: MessageEvent<Reply>) => this.receive(data);
    this.worker.onerror = ({ message }) => {
      this.worker.terminate();
      this.ended = new RemoteError('WorkerError', `The worker ended: ${message ?? 'it could not be loaded'}.`);
      for (const { reject } of this.pending.values()) reject(this.ended);
      onEnd?.(this.ended);
    };
  }

  /** @throws RemoteError, or the signal's reason once the worker has really stopped. */
  ask<T>(request: object, transfer: Transferable[] = [], { signal, onProgress }: Watch = {}): Promise<T> {
    signal?.throwIfAborted();
    if (this.ended) return Promise.reject(this.ended);
    const id = ++this.lastId;
    const stop = () => this.tell({ id, task: 'stop' });
    signal?.addEventListener('abort', stop);
    const result = new Promise<unknown>((resolve, reject) => {
      this.pending.set(id, { resolve, reject: (error) => reject(signal?.aborted ? signal.reason : error), onProgress });
      this.worker.postMessage({ id, ...request }, transfer);
    });
    return result.finally(() => {
      signal?.removeEventListener('abort', stop);
      this.pending.delete(id);
    }) as Promise<T>;
  }

  /** Says something that has no answer. */
  tell(message: object): void {
    this.worker.postMessage(message);
  }

  private receive(reply: Reply): void {
    const pending = this.pending.get(reply.id);
    if (reply.kind === 'progress') pending?.onProgress?.(reply.progress);
    else if (reply.kind === 'done') pending?.resolve(reply.output);
    else pending?.reject(new RemoteError(reply.name, reply.message));
  }
}
