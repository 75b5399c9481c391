import { suite } from 'uvu';
import { convWeights } from '../../src/ops/conv2d.ts';
import { channelsBothWays, stepSizes } from '../../src/ops/step_sizes.ts';
import { softplus } from '../reference/activations.ts';
import { type Array4, array4, channels, normal, type Shape4 } from '../reference/array.ts';
import { concat } from '../reference/concat.ts';
import { conv2d } from '../reference/conv2d.ts';
import { check, type Operation, reportWorst, using } from '../support/engine.ts';

const TOLERANCE = 1e-5;

const test = suite('step sizes');

test.after(() => reportWorst('step sizes'));

for (const [shape, out] of [
  [[1, 1, 1, 1], 1],
  [[1, 3, 7, 9], 48],
  [[2, 6, 5, 17], 7],
  [[1, 24, 3, 8], 22],
] as [Shape4, number][]) {
  const [n, rank, h, w] = shape;
  const [forward, reverse] = [1, 5].map((seed) => ({
    dt: normal(shape, seed, 0, 3),
    weight: normal([out, rank, 1, 1], seed + 1),
    bias: normal([1, out, 1, 1], seed + 2).data,
  }));
  const expected = ({ dt, weight, bias }: typeof forward): Array4 => softplus(conv2d(dt, weight, bias));

  test(`shape ${shape} to ${out} channels, one way`, async () => {
    const { dt, weight, bias } = forward;
    const run: Operation = (engine, x) =>
      using(convWeights(engine, { weight: weight.data, shape: weight.shape, bias }), (weights) =>
        stepSizes(engine, x, weights),
      );
    await check('one way', [dt], run, expected(forward), TOLERANCE);
  });

  test(`shape ${shape} to ${out} channels, both ways, whole and in ranges`, async () => {
    const parameters = {
      weight: [...forward.weight.data, ...reverse.weight.data],
      shape: [2 * out, rank, 1, 1],
      bias: [...forward.bias, ...reverse.bias],
      parts: [out, out],
    };
    const filling = channelsBothWays(rank) - 2 * rank;
    const dt = [forward.dt, array4(new Float64Array(n * filling * h * w), [n, filling, h, w]), reverse.dt]
      .filter(({ shape: [, c] }) => c > 0)
      .reduce(concat);
    const halves = [expected(forward), expected(reverse)];
    for (const [from, count] of [
      [0, out],
      ...(out > 4
        ? [
            [0, 4],
            [4, out - 4],
          ]
        : []),
    ]) {
      const run: Operation = (engine, x) =>
        using(convWeights(engine, parameters), (weights) => stepSizes(engine, x, weights, [from, count]));
      const [first, second] = halves.map((half) => channels(half, from, from + count));
      const zeros = channelsBothWays(count) - 2 * count;
      const joined = [first, array4(new Float64Array(n * zeros * h * w), [n, zeros, h, w]), second]
        .filter(({ shape: [, c] }) => c > 0)
        .reduce(concat);
      await check(`channels from ${from}`, [dt], run, joined, TOLERANCE);
    }
  });
}

test.run();
