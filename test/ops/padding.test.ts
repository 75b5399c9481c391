/**
 * Textures come out of the pool full of what their last owner left. Whatever that is, an operation neither lets it into its result nor
 * leaves it beyond the result's width and channels, where the next operation would take it for zero; nor does a network of them.
 */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Network } from '../../src/model/network.ts';
import { conv2d, convWeights } from '../../src/ops/conv2d.ts';
import { scanWeights, selectiveScan } from '../../src/ops/scan.ts';
import { openDevice } from '../../src/tensor/device.ts';
import type { Engine } from '../../src/tensor/engine.ts';
import { normal, uniform } from '../reference/array.ts';
import { fixtureCheckpoint } from '../support/checkpoint.ts';
import { leakFree, type Operation, operate, sharedEngine, upload, using } from '../support/engine.ts';
import { fixture, fixtureArray } from '../support/fixtures.ts';
import { runInParts } from '../support/in_parts.ts';
import { OPERATIONS } from '../support/operations.ts';
import { PoisonedEngine } from '../support/poison.ts';
import { eachFloat, expectZeroPadding } from '../support/raw.ts';

const test = suite('poisoned padding');

const POISONS = [Number.NaN, 1e30];

let engine: PoisonedEngine;

test.before(async () => {
  engine = new PoisonedEngine(openDevice((await sharedEngine()).gl));
});

test.after(() => engine.dispose());

test('the poison is there, and an upload leaves none', async () => {
  for (const poison of POISONS) {
    engine.poison = poison;
    using raw = engine.allocate([2, 5, 3, 9]);
    eachFloat(engine, raw, ({ value, texel }) => assert.ok(Object.is(value, Math.fround(poison)), texel));
    assert.throws(() => expectZeroPadding(engine, raw, 'poison'), /poison: .* beyond the tensor/);
    using tensor = upload(engine, normal([2, 5, 3, 9], 1));
    expectZeroPadding(engine, tensor, 'upload');
  }
});

for (const { name, inputs, run } of OPERATIONS) {
  test(name, async () => {
    const clean = await operate(inputs, run);
    for (const poison of POISONS) {
      engine.poison = poison;
      const poisoned = await operate(
        inputs,
        (_engine, ...tensors) => {
          const result = run(engine, ...tensors);
          expectZeroPadding(engine, result, `${name} over ${poison}`);
          return result;
        },
        engine,
      );
      assert.equal(poisoned, clean);
    }
  });
}

test('into a view, beyond which nothing is written', async () => {
  const [u, b] = [normal([2, 3, 5, 11], 1), normal([2, 16, 5, 11], 2)];
  const delta = uniform(u.shape, 3, 0.01, 0.5);
  const parameters = { weight: uniform([3, 3, 1, 1], 4).data, shape: [3, 3, 1, 1] };
  const conv: Operation = (_engine, x, into) =>
    using(convWeights(engine, parameters), (weights) => conv2d(engine, x, weights, { into }));
  const scan: Operation = (_engine, x, into, steps, states) =>
    using(scanWeights(engine, new Float64Array(48).fill(-1), [1, 1, 1]), (weights) =>
      selectiveScan(engine, { u: x, delta: steps, b: states, c: states, weights }, { into }),
    );
  for (const poison of POISONS) {
    engine.poison = poison;
    using input = upload(engine, u);
    using steps = upload(engine, delta);
    using states = upload(engine, b);
    for (const operation of [conv, scan]) {
      using target = engine.allocate([2, 14, 5, 11]);
      const into = target.channels(4, 3);
      operation(engine, input, into, steps, states);
      expectZeroPadding(engine, into, 'view');
      eachFloat(engine, target, ({ value, texel, image, channel }) => {
        const written = image >= 0 && channel >= 4 && channel < 8;
        assert.is(Object.is(value, Math.fround(poison)), !written, texel);
      });
    }
  }
});

// All that networks do in parts of their channels is done in parts, also in pictures as small as these.
for (const name of ['derain', 'sr', 'dualpixel']) {
  test(`the network ${name}, in parts`, async () => {
    const checkpoint = await fixtureCheckpoint(`${name}.weights.safetensors`);
    const image = fixtureArray(await fixture(`${name}.io.safetensors`), 'input');
    const restored = (on: Engine) =>
      leakFree(on, async () => {
        const network = await Network.pack(on, checkpoint);
        try {
          using input = upload(on, image);
          using output = await network.run(runInParts(on), input);
          return new Uint32Array((await output.read()).buffer);
        } finally {
          network.dispose();
        }
      });
    const clean = await restored(await sharedEngine());
    for (const poison of POISONS) {
      engine.poison = poison;
      assert.equal(await restored(engine), clean, `over ${poison}`);
    }
  });
}

test.run();
