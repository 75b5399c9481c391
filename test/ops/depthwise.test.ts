import { suite } from 'uvu';
import { type DepthwiseOptions, depthwiseConv2d, depthwiseWeights } from '../../src/ops/depthwise.ts';
import { gelu, silu } from '../reference/activations.ts';
import { type Array4, channels, generate, multiply, normal, uniform } from '../reference/array.ts';
import { concat } from '../reference/concat.ts';
import { conv2d as reference } from '../reference/conv2d.ts';
import { check, type Operation, reportWorst, using } from '../support/engine.ts';
import { fixture, fixtureArray } from '../support/fixtures.ts';

const TOLERANCE = 1e-5;

const test = suite('depthwise convolution');

test.after(() => reportWorst('depthwise convolution'));

function operation(
  weight: Array4,
  bias: ArrayLike<number> | undefined,
  options?: DepthwiseOptions,
  parts?: readonly number[],
): Operation {
  return (engine, x) =>
    using(depthwiseWeights(engine, { weight: weight.data, bias, parts }), (weights) =>
      depthwiseConv2d(engine, x, weights, options),
    );
}

const parametersOf = (c: number) => ({ weight: uniform([c, 1, 3, 3], 1), bias: uniform([1, c, 1, 1], 2).data });

/** The same channels of both halves, each of which begins at a quad, as the convolution before leaves them. */
function ofBoth(x: Array4, first: number, count: number): Array4 {
  const [n, c, h, w] = x.shape;
  const filler = generate([n, (4 - (count % 4)) % 4, h, w], () => 0);
  const part = (from: number) => channels(x, from + first, from + first + count);
  return [part(0), filler, part(c / 2)].reduce(concat);
}

for (const [h, w] of [
  [1, 1],
  [7, 9],
  [13, 5],
  // Here the last brick is full: what lies beyond it is no padding but another quad.
  [6, 16],
  [17, 33],
]) {
  test(`${w} x ${h} pixels`, async () => {
    for (const [batch, c] of [
      [2, 1],
      [1, 5],
      [2, 22],
      [1, 127],
    ]) {
      const x = normal([batch, c, h, w], 3);
      const { weight, bias } = parametersOf(c);
      const expected = reference(x, weight, bias, c);
      await check(`${c} channels`, [x], operation(weight, bias), expected, TOLERANCE);
      const plain = reference(x, weight, undefined, c);
      await check(`${c} channels, no bias`, [x], operation(weight, undefined), plain, TOLERANCE);
      const activated = operation(weight, bias, { activation: 'silu' });
      await check(`${c} channels, silu`, [x], activated, silu(expected), TOLERANCE);
    }
  });
}

for (const half of [1, 4, 21, 127]) {
  test(`gelu of ${half} channels gates ${half}`, async () => {
    const [batch, h, w] = [2, 5, 11];
    const x = normal([batch, 2 * half, h, w], 4);
    const { weight, bias } = parametersOf(2 * half);
    const both = reference(x, weight, bias, 2 * half);
    const expected = multiply(gelu(channels(both, 0, half)), channels(both, half, 2 * half));
    const gated = operation(weight, bias, { activation: 'gelu-gate' }, [half, half]);
    await check(`${half}`, [ofBoth(x, 0, half)], gated, expected, TOLERANCE);
  });
}

test('gelu gates a range of the channels', async () => {
  const half = 21;
  for (const [h, w] of [
    [1, 1],
    [7, 9],
    [6, 16],
  ]) {
    const x = normal([2, 2 * half, h, w], 4);
    const { weight, bias } = parametersOf(2 * half);
    const both = reference(x, weight, bias, 2 * half);
    const whole = multiply(gelu(channels(both, 0, half)), channels(both, half, 2 * half));
    for (const range of [
      [0, 4],
      [4, 8],
      [12, 9],
      [20, 1],
    ] as const) {
      const [first, count] = range;
      const gated = operation(weight, bias, { activation: 'gelu-gate', range }, [half, half]);
      const expected = channels(whole, first, first + count);
      await check(`${w} x ${h}, range ${range}`, [ofBoth(x, first, count)], gated, expected, TOLERANCE);
    }
  }
});

for (const name of ['depthwise3x3', 'depthwise3x3_nobias']) {
  test(`PyTorch's ${name}`, async () => {
    const ops = await fixture('ops.safetensors');
    const run = operation(fixtureArray(ops, `${name}.weight`), ops.get(`${name}.bias`)?.data);
    await check(name, [fixtureArray(ops, `${name}.input`)], run, fixtureArray(ops, `${name}.output`), TOLERANCE);
  });
}

test.run();
