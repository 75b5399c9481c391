/** One job at a time: a new one stops the one before, and begins when that has ended. */
export class Jobs {
  private current: AbortController | null = null;
  private last: Promise<unknown> = Promise.resolve();

  stop(): void {
    this.current?.abort();
  }

  /** Rejects with an AbortError when it was stopped. */
  run<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    this.stop();
    const controller = new AbortController();
    this.current = controller;
    const result = this.last.then(() => {
      controller.signal.throwIfAborted();
      return work(controller.signal);
    });
    this.last = result.catch(() => {});
    return result;
  }
}
