/** The page's side of a worker. */
import type { Name } from './contenders/names.ts';
import type { CallName, Calls, Opened, Reply, Request } from './messages.ts';

/** Relative to the page. */
const SCRIPT = 'bench/worker.js';

interface Pending {
  resolve(output: Calls[CallName]['output']): void;
  reject(error: Error): void;
}

/** A contender in a worker of its own. */
export class Remote {
  private readonly worker = new Worker(SCRIPT, { type: 'module' });
  private readonly pending = new Map<number, Pending>();
  private lastId = 0;
  /** Why it ended, once it has. */
  private ended: string | undefined;

  /** Starts the worker; what fails in it shows in the first call. */
  constructor(private readonly name: Name) {
    this.worker.onmessage = ({ data }: MessageEvent<Reply>) => {
      const pending = this.pending.get(data.id);
      this.pending.delete(data.id);
      if ('error' in data) pending?.reject(new Error(data.error));
      else pending?.resolve(data.output);
    };
    this.worker.onerror = ({ message }) => this.end(`its worker ended: ${message ?? 'the script did not load'}`);
  }

  open(): Promise<Opened> {
    return this.call('open', { contender: this.name });
  }

  /**
   * @param limit milliseconds after which the worker is given up
   * @throws what the worker says, or why it ended.
   */
  async call<N extends CallName>(call: N, input: Calls[N]['input'], limit?: number): Promise<Calls[N]['output']> {
    if (this.ended !== undefined) throw new Error(this.ended);
    const id = ++this.lastId;
    const result = new Promise<Calls[N]['output']>((resolve, reject) => {
      this.pending.set(id, { resolve: resolve as Pending['resolve'], reject });
    });
    this.worker.postMessage({ id, call, ...input } as Request);
    const timer = limit && setTimeout(() => this.end(`stopped after ${Math.round(limit / 1000)} s`), limit);
    return result.finally(() => clearTimeout(timer || undefined));
  }

  /** Ends the worker and frees all that it has. */
  end(reason: string): void {
    if (this.ended !== undefined) return;
    this.ended = reason;
    this.worker.terminate();
    for (const { reject } of this.pending.values()) reject(new Error(reason));
    this.pending.clear();
  }
}
