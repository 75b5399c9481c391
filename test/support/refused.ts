import * as assert from 'uvu/assert';
import { InputError } from '../../src/tensor/errors.ts';

/** Checks that something throws an InputError, or rejects with one, whose message matches. */
export async function refused(f: () => unknown, sentence: RegExp): Promise<void> {
  try {
    await f();
  } catch (error) {
    assert.instance(error, InputError, String((error as Error).stack));
    const { message } = error as Error;
    assert.ok(sentence.test(message), `'${message}' does not match ${sentence}`);
    return;
  }
  assert.unreachable(`should be refused with ${sentence}`);
}
