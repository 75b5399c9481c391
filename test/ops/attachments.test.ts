/** With four attachments and with one, kernels are compiled for smaller bricks: every operation still gives the same values and padding. */
import { suite } from 'uvu';
import { openDevice } from '../../src/tensor/device.ts';
import { Engine } from '../../src/tensor/engine.ts';
import { assertClose } from '../support/close.ts';
import { operate, sharedEngine } from '../support/engine.ts';
import { OPERATIONS } from '../support/operations.ts';
import { expectZeroPadding } from '../support/raw.ts';

const test = suite('attachments');

for (const attachments of [4, 1] as const) {
  let engine: Engine;

  for (const { name, inputs, run } of OPERATIONS) {
    test(`${name}, with ${attachments}`, async () => {
      engine ??= new Engine(openDevice((await sharedEngine()).gl, { attachments }));
      const expected = await operate(inputs, run);
      const found = await operate(
        inputs,
        (_engine, ...tensors) => {
          const result = run(engine, ...tensors);
          expectZeroPadding(engine, result, name);
          return result;
        },
        engine,
      );
      // Sums may be taken in another order.
      assertClose(found.data, expected.data, 1e-6, name);
    });
  }

  test.after(() => engine.dispose());
}

test.run();
