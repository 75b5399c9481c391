import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { add } from '../../src/ops/elementwise.ts';
import { transpose } from '../../src/ops/rearrange.ts';
import { InputError } from '../../src/tensor/errors.ts';
import { type Array4, add as added, channels, normal } from '../reference/array.ts';
import { transpose as transposed } from '../reference/transpose.ts';
import { check, leakFree, sharedEngine, upload } from '../support/engine.ts';

const test = suite('views');

const x: Array4 = normal([2, 23, 5, 11], 1);

test('a view reads as the channels it is of', async () => {
  const engine = await sharedEngine();
  await leakFree(engine, async () => {
    using tensor = upload(engine, x);
    for (const [first, count] of [
      [0, 23],
      [0, 1],
      [4, 8],
      [8, 5],
      [20, 3],
    ]) {
      const view = tensor.channels(first, count);
      assert.equal(view.shape, [2, count, 5, 11]);
      assert.is(view.quads, Math.ceil(count / 4));
      assert.equal([...(await view.read())], [...channels(x, first, first + count).data], `${first}, ${count}`);
    }
  });
});

test('a view of a view counts from the view', async () => {
  const engine = await sharedEngine();
  using tensor = upload(engine, x);
  const inner = tensor.channels(4, 16).channels(8, 5);
  assert.equal([...(await inner.read())], [...channels(x, 12, 17).data]);
  assert.throws(() => tensor.channels(4, 8).channels(8, 1), /no view of a tensor with 8/);
});

test('operations take views and results of views', async () => {
  const [a, b] = [channels(x, 4, 12), channels(x, 12, 20)];
  await check('add', [x], (engine, t) => add(engine, t.channels(4, 8), t.channels(12, 8)), added(a, b), 1e-6);
  await check('transpose', [x], (engine, t) => transpose(engine, t.channels(12, 8)), transposed(b), 0);
});

test('a view owns nothing and ends with its tensor', async () => {
  const engine = await sharedEngine();
  await leakFree(engine, async () => {
    const tensor = upload(engine, x);
    const view = tensor.channels(4, 8);
    const { live } = engine.memory;
    view.dispose();
    assert.is(engine.memory.live, live);
    await view.read();
    tensor.dispose();
    assert.throws(() => view.storage, /shape \[2, 23, 5, 11\] was used after it was disposed/);
  });
});

test('what is no view is an error', async () => {
  const engine = await sharedEngine();
  using tensor = upload(engine, x);
  for (const [first, count] of [
    [1, 4],
    [-4, 8],
    [20, 4],
    [24, 1],
    [0, 0],
    [0, -4],
    [0, 24],
    [0, 1.5],
    [0.5, 4],
    [0, Number.NaN],
    [Number.NaN, 4],
    [0, Number.POSITIVE_INFINITY],
  ]) {
    assert.throws(
      () => tensor.channels(first, count),
      (error: Error) =>
        error instanceof InputError && /Channels .* are no view of a tensor with 23/.test(error.message),
      `${first}, ${count}`,
    );
  }
});

test.run();
