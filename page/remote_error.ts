/** An error of a worker, with the name that it had there. */
export class RemoteError extends Error {
  constructor(
    override readonly name: string,
    message: string,
  ) {
    super(message);
  }

  /** A worker that died, or could not be fetched. */
  static ended(message?: string): RemoteError {
    return new RemoteError('WorkerError', `The worker ended: ${message ?? 'it could not be loaded'}.`);
  }
}
