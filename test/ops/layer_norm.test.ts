import { suite } from 'uvu';
import { layerNorm, layerNormStats, layerNormWeights } from '../../src/ops/layer_norm.ts';
import { silu } from '../reference/activations.ts';
import { add, generate, map, multiply, normal, uniform } from '../reference/array.ts';
import { layerNorm as reference } from '../reference/layer_norm.ts';
import { check, type Operation, reportWorst, using } from '../support/engine.ts';
import { fixture, fixtureArray, tensor } from '../support/fixtures.ts';

const TOLERANCE = 1e-5;
/** A mean of 100 takes two of the seven digits that the input has. */
const OFFSET_TOLERANCE = 1e-4;

const test = suite('layer norm');

test.after(() => reportWorst('layer norm'));

/** Of the first tensor, gated by the second if there is one; bias-free without a bias. */
function operation(weight: ArrayLike<number>, bias?: ArrayLike<number>): Operation {
  return (engine, x, gate?) =>
    using(layerNormWeights(engine, { weight, bias }), (weights) => layerNorm(engine, x, weights, gate));
}

for (const [mean, tolerance] of [
  [0, TOLERANCE],
  [100, OFFSET_TOLERANCE],
]) {
  for (const [h, w] of [
    [1, 1],
    [7, 9],
    [17, 33],
  ]) {
    test(`mean ${mean}, ${w} x ${h} pixels`, async () => {
      for (const c of [1, 3, 5, 22, 127]) {
        const x = normal([2, c, h, w], c, mean);
        const weight = uniform([1, c, 1, 1], 1).data;
        const bias = uniform([1, c, 1, 1], 2).data;
        await check(`${c} channels`, [x], operation(weight, bias), reference(x, weight, bias), tolerance);
        await check(`${c} channels, bias-free`, [x], operation(weight), reference(x, weight), tolerance);
      }
    });
  }

  test(`mean ${mean}, gated`, async () => {
    const x = normal([2, 22, 7, 9], 1, mean);
    const gate = normal(x.shape, 2, 0, 3);
    const weight = uniform([1, 22, 1, 1], 3).data;
    const bias = uniform([1, 22, 1, 1], 4).data;
    const gated = multiply(reference(x, weight, bias), silu(gate));
    await check('gated', [x, gate], operation(weight, bias), gated, tolerance);
    const free = multiply(reference(x, weight), silu(gate));
    await check('gated, bias-free', [x, gate], operation(weight), free, tolerance);
  });
}

test('channels that are far from the others', async () => {
  for (const c of [5, 96, 384]) {
    for (const far of [0, 3, c - 1]) {
      const x = normal([1, c, 3, 9], c);
      for (let pixel = 0; pixel < 27; pixel++) x.data[far * 27 + pixel] += 1000;
      const weight = uniform([1, c, 1, 1], 1).data;
      const bias = uniform([1, c, 1, 1], 2).data;
      await check(`number ${far} of ${c}`, [x], operation(weight, bias), reference(x, weight, bias), TOLERANCE);
    }
  }
});

test('with its epsilon, an input that was scaled gives the same', async () => {
  for (const scale of [2 ** -8, 1, 16]) {
    // Small values, where epsilon counts.
    const x = normal([1, 22, 7, 9], 1, 0, 3e-3);
    const weight = uniform([1, 22, 1, 1], 3).data;
    const bias = uniform([1, 22, 1, 1], 4).data;
    const scaled = map(x, (v) => v * scale);
    const norm: Operation = (engine, t) =>
      using(layerNormWeights(engine, { weight, bias }, 1e-5 * scale ** 2), (weights) => layerNorm(engine, t, weights));
    await check(`times ${scale}`, [scaled], norm, reference(x, weight, bias), TOLERANCE);
  }
});

test('statistics: a mean and the reciprocal of a deviation', async () => {
  const x = normal([2, 5, 7, 9], 1, 1);
  const sum = (power: number) =>
    generate([2, 1, 7, 9], (n, _c, y, u) => {
      let total = 0;
      for (let c = 0; c < 5; c++) total += x.data[((n * 5 + c) * 7 + y) * 9 + u] ** power;
      return total / 5;
    });
  const mean = sum(1);
  const variance = add(
    sum(2),
    map(multiply(mean, mean), (v) => -v),
  );
  const pick = (centred: boolean) =>
    generate([2, 2, 7, 9], (n, c, y, u) => {
      const pixel = (n * 7 + y) * 9 + u;
      return c === 0 ? (centred ? mean.data[pixel] : 0) : 1 / Math.sqrt(variance.data[pixel] + 1e-5);
    });
  for (const centred of [true, false]) {
    await check(`${centred}`, [x], (engine, t) => layerNormStats(engine, t, centred), pick(centred), TOLERANCE);
  }
});

for (const name of ['layernorm', 'layernorm_offset', 'layernorm_small']) {
  test(`PyTorch's ${name}`, async () => {
    const ops = await fixture('ops.safetensors');
    const tolerance = name === 'layernorm_offset' ? OFFSET_TOLERANCE : TOLERANCE;
    const x = fixtureArray(ops, `${name}.input`);
    const weight = tensor(ops, `${name}.weight`).data;
    const bias = tensor(ops, `${name}.bias`).data;
    await check(name, [x], operation(weight, bias), fixtureArray(ops, `${name}.output`), tolerance);
    const free = fixtureArray(ops, `${name}.output_biasfree`);
    await check(`${name}, bias-free`, [x], operation(weight), free, tolerance);
  });
}

test.run();
