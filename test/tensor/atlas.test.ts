/** Where a tensor lies in its texture and in how many draws it is written makes no difference to a single bit. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { conv2d, convWeights } from '../../src/ops/conv2d.ts';
import { openDevice } from '../../src/tensor/device.ts';
import { channels, generate, normal } from '../reference/array.ts';
import { concat } from '../reference/concat.ts';
import { operate, sharedEngine, upload, using } from '../support/engine.ts';
import { NarrowEngine } from '../support/narrow.ts';
import { OPERATIONS } from '../support/operations.ts';

const test = suite('atlas');

let engine: NarrowEngine;

test.before(async () => {
  engine = new NarrowEngine(openDevice((await sharedEngine()).gl));
});

test.after(() => engine.dispose());

for (const { name, inputs, run } of OPERATIONS) {
  test(`${name}, in narrow textures and bands`, async () => {
    const clean = await operate(inputs, run);
    for (const columns of [1, 3]) {
      engine.columns = columns;
      assert.equal(await operate(inputs, run, engine), clean, `${columns} columns`);
    }
  });
}

test('values survive the way up and down', async () => {
  engine.trim(); // so that it is not laid out anew in a texture that is there
  engine.columns = 4;
  const x = normal([3, 22, 2, 17], 1);
  using tensor = upload(engine, x);
  assert.is(tensor.layout.textureWidth, 4 * Math.ceil(17 / engine.format.attachments));
  assert.is(tensor.layout.textureHeight, 10);
  assert.equal([...(await tensor.read())], [...x.data]);
});

test('a view that begins and ends in the middle of rows', async () => {
  const identity = generate([16, 16, 1, 1], (o, i) => (o === i ? 1 : 0));
  const [x, rest] = [normal([2, 16, 3, 9], 1), normal([2, 31, 3, 9], 2)];
  for (const columns of [1, 3, 5, 16]) {
    engine.columns = columns;
    using input = upload(engine, x);
    using target = upload(engine, rest);
    const into = target.channels(8, 16);
    const parameters = { weight: identity.data, shape: identity.shape };
    using(convWeights(engine, parameters), (weights) => conv2d(engine, input, weights, { into }));
    assert.equal([...(await into.read())], [...x.data]);
    const expected = [channels(rest, 0, 8), x, channels(rest, 24, 31)].reduce(concat);
    assert.equal([...(await target.read())], [...expected.data], `${columns} columns`);
  }
});

test.run();
