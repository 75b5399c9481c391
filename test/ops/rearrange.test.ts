/** Operations that move values must hand on every bit of them. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { concat, pixelShuffle, pixelUnshuffle, transpose, upsampleNearest } from '../../src/ops/rearrange.ts';
import { add, array4, channels, generate, normal, type Shape4 } from '../reference/array.ts';
import { concat as concatenated } from '../reference/concat.ts';
import { pixelShuffle as shuffled } from '../reference/pixel_shuffle.ts';
import { pixelUnshuffle as unshuffled } from '../reference/pixel_unshuffle.ts';
import { transpose as transposed } from '../reference/transpose.ts';
import { upsampleNearest as upsampled } from '../reference/upsample_nearest.ts';
import { check, close, leakFree, sharedEngine, upload } from '../support/engine.ts';
import { fixture, fixtureArray } from '../support/fixtures.ts';

const EXACT = 0;

const test = suite('rearrangements');

for (const [a, b] of [
  [1, 1],
  [3, 5],
  [4, 3],
  [6, 10],
  [8, 8],
  [22, 23],
  [127, 2],
]) {
  test(`concat of ${a} and ${b} channels`, async () => {
    for (const [h, w] of [
      [1, 1],
      [7, 9],
      [13, 17],
    ]) {
      const [x, y] = [normal([2, a, h, w], 1), normal([2, b, h, w], 2)];
      await check(`${w} x ${h}`, [x, y], concat, concatenated(x, y), EXACT);
    }
  });
}

test('concat of a tensor and itself', async () => {
  const x = normal([2, 5, 3, 9], 1);
  await check('concat', [x], (engine, t) => concat(engine, t, t), concatenated(x, x), EXACT);
});

test('pixel shuffle', async () => {
  for (const shape of [
    [1, 4, 1, 1],
    [2, 20, 7, 9],
    [1, 24, 3, 8],
    [1, 88, 5, 17],
  ] as Shape4[]) {
    const x = normal(shape, 1);
    await check(`${shape}`, [x], pixelShuffle, shuffled(x), EXACT);
  }
});

test('pixel shuffle into views, whose neighbours stay as they are', async () => {
  const engine = await sharedEngine();
  for (const [h, w] of [
    [1, 1],
    [7, 9],
    [3, 8],
  ]) {
    const x = normal([2, 4 * 5, h, w], 1);
    const rest = normal([2, 13, 2 * h, 2 * w], 2);
    const filler = generate([2, 3, 2 * h, 2 * w], () => 0);
    // In the middle its last quad is filled up with zeros; the other one ends where the tensor does.
    for (const [first, expected] of [
      [4, [channels(rest, 0, 4), shuffled(x), filler, channels(rest, 12, 13)]],
      [8, [channels(rest, 0, 8), shuffled(x)]],
    ] as const) {
      await leakFree(engine, async () => {
        using input = upload(engine, x);
        using target = upload(engine, rest);
        const into = target.channels(first, 5);
        assert.is(pixelShuffle(engine, input, into), into);
        close(array4(await target.read(), rest.shape), expected.reduce(concatenated), EXACT, `${w} x ${h} at ${first}`);
      });
    }
  }
});

test('pixel unshuffle', async () => {
  for (const shape of [
    [1, 1, 2, 2],
    [2, 5, 14, 18],
    [1, 6, 4, 32],
    [1, 22, 6, 34],
  ] as Shape4[]) {
    const x = normal(shape, 1);
    await check(`${shape}`, [x], pixelUnshuffle, unshuffled(x), EXACT);
  }
});

test('nearest neighbour', async () => {
  const x = normal([2, 5, 3, 7], 1);
  for (const factor of [1, 2, 3, 4, 9]) {
    await check(`${factor}`, [x], (engine, t) => upsampleNearest(engine, t, factor), upsampled(x, factor), EXACT);
  }
});

test('transpose', async () => {
  for (const shape of [
    [1, 1, 1, 1],
    [2, 5, 1, 37],
    [2, 22, 7, 9],
    [1, 3, 33, 17],
    [2, 5, 8, 16],
  ] as Shape4[]) {
    const x = normal(shape, 1);
    const sum = normal([shape[0], shape[1], shape[3], shape[2]], 2);
    await check(`${shape}`, [x], (engine, t) => transpose(engine, t), transposed(x), EXACT);
    const both = add(transposed(x), sum);
    // The one value that is computed: the sum of two float32 rounds once.
    await check(`${shape}, sum`, [x, sum], transpose, array4(both.data.map(Math.fround), both.shape), EXACT);
  }
});

test("PyTorch's", async () => {
  const ops = await fixture('ops.safetensors');
  const of = (name: string) => fixtureArray(ops, name);
  await check('concat', [of('concat.a'), of('concat.b')], concat, of('concat.output'), EXACT);
  await check('shuffle', [of('pixel_shuffle.input')], pixelShuffle, of('pixel_shuffle.output'), EXACT);
  await check('unshuffle', [of('pixel_unshuffle.input')], pixelUnshuffle, of('pixel_unshuffle.output'), EXACT);
  const nearest = of('upsample_nearest4.input');
  const wanted = of('upsample_nearest4.output');
  await check('nearest', [nearest], (engine, t) => upsampleNearest(engine, t, 4), wanted, EXACT);
});

test.run();
