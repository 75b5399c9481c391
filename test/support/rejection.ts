import * as assert from 'uvu/assert';

/** What a promise rejects with, which must be an Error; a failure when it does not reject. */
export async function rejection(promise: Promise<unknown>): Promise<Error> {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  assert.instance(error, Error, 'the promise should reject');
  return error as Error;
}

/** Checks that a promise rejects with an error of that class whose message matches. */
export async function rejectsWith(
  promise: Promise<unknown>,
  kind: new (message?: string) => Error,
  message: RegExp,
): Promise<void> {
  const error = await rejection(promise);
  assert.instance(error, kind, String(error.stack));
  assert.match(error.message, message);
}
