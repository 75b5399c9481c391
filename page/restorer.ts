/** The page's side of the worker: tasks as promises that can be watched and stopped. */
import type { Progress } from '../src/index.ts';
import type { Reply, Request, TaskName, Tasks } from './messages.ts';
import { RemoteError } from './remote_error.ts';

interface Pending {
  resolve(output: Tasks[TaskName]['output']): void;
  reject(error: Error): void;
  onProgress?(progress: Progress): void;
}

export interface Watch {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

export class Restorer {
  private worker: Worker | null = null;
  private readonly pending = new Map<number, Pending>();
  private lastId = 0;

  /** Starts the worker ahead of its first task. */
  prepare(): void {
    this.worker ??= this.start();
  }

  /** @throws RemoteError, or the signal's reason once the worker has really stopped. */
  perform<N extends TaskName>(
    task: N,
    input: Tasks[N]['input'],
    { signal, onProgress }: Watch = {},
  ): Promise<Tasks[N]['output']> {
    signal?.throwIfAborted();
    const id = ++this.lastId;
    this.worker ??= this.start();
    const { worker } = this;
    const stop = () => worker.postMessage({ id, task: 'stop' } satisfies Request);
    signal?.addEventListener('abort', stop);
    const result = new Promise<Tasks[N]['output']>((resolve, reject) => {
      this.pending.set(id, { resolve, reject: (error) => reject(signal?.aborted ? signal.reason : error), onProgress });
      worker.postMessage({ id, task, ...input });
    });
    return result.finally(() => {
      signal?.removeEventListener('abort', stop);
      this.pending.delete(id);
    });
  }

  private start(): Worker {
    const worker = new Worker('worker.js', { type: 'module' });
    worker.onmessage = ({ data }: MessageEvent<Reply>) => this.receive(data);
    // A worker that died, or could not be fetched, takes what it was doing with it; the next task gets another.
    worker.onerror = ({ message }) => {
      worker.terminate();
      this.worker = null;
      const error = RemoteError.ended(message);
      for (const { reject } of this.pending.values()) reject(error);
    };
    return worker;
  }

  private receive(reply: Reply): void {
    const pending = this.pending.get(reply.id);
    if (reply.kind === 'progress') pending?.onProgress?.(reply.progress);
    else if (reply.kind === 'done') pending?.resolve(reply.output);
    else pending?.reject(new RemoteError(reply.name, reply.message));
  }
}
