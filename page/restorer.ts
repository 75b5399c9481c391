/** The tasks of the worker that restores. */
import type { TaskName, Tasks } from './messages.ts';
import { Remote, type Watch } from './remote.ts';

export class Restorer {
  private remote: Remote | null = null;

  /** Starts the worker ahead of its first task. */
  prepare(): void {
    this.live();
  }

  /** @throws RemoteError, or the signal's reason once the worker has really stopped. */
  async perform<N extends TaskName>(task: N, input: Tasks[N]['input'], watch?: Watch): Promise<Tasks[N]['output']> {
    return this.live().ask<Tasks[N]['output']>({ task, ...input }, [], watch);
  }

  /** After a worker that died the next task gets another. */
  private live(): Remote {
    if (!this.remote || this.remote.ended) this.remote = new Remote('worker.js');
    return this.remote;
  }
}
