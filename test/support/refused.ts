import * as assert from 'uvu/assert';
import { InputError } from '../../src/tensor/errors.ts';

/** Checks that something throws an InputError whose message matches. */
export function refused(f: () => unknown, sentence: RegExp): void {
  try {
    f();
  } catch (error) {
    assert.instance(error, InputError, String((error as Error).stack));
    const { message } = error as Error;
    assert.ok(sentence.test(message), `'${message}' does not match ${sentence}`);
    return;
  }
  assert.unreachable(`should be refused with ${sentence}`);
}
