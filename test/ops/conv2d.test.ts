import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type ConvOptions,
  type ConvParameters,
  conv2d,
  convWeights,
  type NormParameters,
} from '../../src/ops/conv2d.ts';
import { layerNormStats } from '../../src/ops/layer_norm.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { silu } from '../reference/activations.ts';
import { type Array4, add, channels, generate, multiply, normal, type Shape4, uniform } from '../reference/array.ts';
import { concat } from '../reference/concat.ts';
import { conv2d as reference } from '../reference/conv2d.ts';
import { layerNorm } from '../reference/layer_norm.ts';
import { check, close, leakFree, type Operation, reportWorst, sharedEngine, upload, using } from '../support/engine.ts';
import { fixture, fixtureArray, tensor } from '../support/fixtures.ts';

const TOLERANCE = 1e-5;
/** A mean of 100 takes two of the seven digits that the input has. */
const OFFSET_TOLERANCE = 1e-4;

const test = suite('conv2d');

test.after(() => reportWorst('conv2d'));

/** The convolution of the first tensor, with weights of its own. */
function operation(parameters: ConvParameters, options: (...rest: Tensor[]) => ConvOptions = () => ({})): Operation {
  return (engine, x, ...rest) =>
    using(convWeights(engine, parameters), (weights) => conv2d(engine, x, weights, options(...rest)));
}

/** The convolution of channels that come in several tensors, one after the other. */
function inTurn(parameters: ConvParameters): Operation {
  return (engine, ...tensors) =>
    using(convWeights(engine, parameters), (weights) => {
      let from = 0;
      let y: Tensor | undefined;
      for (const x of tensors) {
        using residual = y;
        y = conv2d(engine, x, weights, { from, residual });
        from += x.shape[1];
      }
      return y!;
    });
}

function parametersOf(out: number, inputs: number, kernel: number, seed = 1): { weight: Array4; bias: Float64Array } {
  return { weight: uniform([out, inputs, kernel, kernel], seed), bias: uniform([1, out, 1, 1], seed + 1).data };
}

/** What `ConvParameters` has of them. */
const packed = ({ data, shape }: Array4) => ({ weight: data, shape });

for (const kernel of [1, 3]) {
  for (const [h, w] of [
    [1, 1],
    [7, 9],
    [13, 5],
    // Here the last brick is full: what lies beyond it is no padding but another quad.
    [6, 16],
    [17, 33],
  ]) {
    test(`${kernel}x${kernel}, ${w} x ${h} pixels`, async () => {
      let batch = 1;
      for (const [inputs, out] of [
        [1, 1],
        [3, 5],
        [5, 22],
        [22, 127],
        [127, 3],
      ]) {
        const x = normal([batch, inputs, h, w], inputs);
        const { weight, bias } = parametersOf(out, inputs, kernel);
        const name = `${batch} x ${inputs} to ${out} channels`;
        const biased = operation({ ...packed(weight), bias });
        await check(name, [x], biased, reference(x, weight, bias), TOLERANCE);
        await check(`${name}, no bias`, [x], operation(packed(weight)), reference(x, weight), TOLERANCE);
        batch = 3 - batch;
      }
    });
  }

  test(`${kernel}x${kernel} with parts, each of which begins at a quad`, async () => {
    const x = normal([2, 6, 5, 11], 1);
    const { weight, bias } = parametersOf(28, 6, kernel);
    const whole = reference(x, weight, bias);
    const filler = (c: number) => generate([2, c, 5, 11], () => 0);
    const parts = [channels(whole, 0, 5), filler(3), channels(whole, 5, 27), filler(2), channels(whole, 27, 28)];
    await check(
      'parts',
      [x],
      operation({ ...packed(weight), bias, parts: [5, 22, 1] }),
      parts.reduce(concat),
      TOLERANCE,
    );
  });

  test(`${kernel}x${kernel}, a range of the channels`, async () => {
    const x = normal([2, 6, 5, 11], 1);
    const { weight, bias } = parametersOf(26, 6, kernel);
    const whole = reference(x, weight, bias);
    for (const range of [
      [0, 4],
      [8, 12],
      [20, 6],
    ] as const) {
      const some = operation({ ...packed(weight), bias }, () => ({ range }));
      await check(`range ${range}`, [x], some, channels(whole, range[0], range[0] + range[1]), TOLERANCE);
    }
  });

  test(`${kernel}x${kernel} into a view, whose neighbours stay as they are`, async () => {
    const engine = await sharedEngine();
    const x = normal([2, 6, 5, 11], 1);
    const rest = normal([2, 21, 5, 11], 2);
    const { weight, bias } = parametersOf(24, 6, kernel);
    const expected = [channels(rest, 0, 4), channels(reference(x, weight, bias), 8, 20), channels(rest, 16, 21)];
    await leakFree(engine, async () => {
      using input = upload(engine, x);
      using target = upload(engine, rest);
      const into = target.channels(4, 12);
      const result = operation({ ...packed(weight), bias }, () => ({ range: [8, 12], into }))(engine, input);
      assert.is(result, into);
      const data = Float64Array.from(await target.read());
      close({ data, shape: rest.shape }, expected.reduce(concat), TOLERANCE, 'into');
    });
  });

  test(`${kernel}x${kernel} of channels in several tensors is that of their concatenation`, async () => {
    for (const [sizes, out, h, w] of [
      [[4, 3], 5, 7, 9],
      [[8, 1], 22, 13, 5],
      [[4, 12, 11], 7, 6, 16],
      [[16, 20], 3, 1, 1],
    ] as const) {
      const tensors = sizes.map((c, i) => normal([2, c, h, w], i + 1));
      const whole = tensors.reduce(concat);
      const { weight, bias } = parametersOf(out, whole.shape[1], kernel);
      const parameters = { ...packed(weight), bias };
      await check(`${sizes} to ${out}`, tensors, inTurn(parameters), reference(whole, weight, bias), TOLERANCE);
    }
  });

  test(`${kernel}x${kernel} with a residual`, async () => {
    const x = normal([2, 6, 7, 9], 1);
    const residual = normal([2, 5, 7, 9], 2);
    const { weight, bias } = parametersOf(5, 6, kernel);
    const summed = operation({ ...packed(weight), bias }, (tensor) => ({ residual: tensor }));
    await check('residual', [x, residual], summed, add(reference(x, weight, bias), residual), TOLERANCE);
  });
}

for (const [mean, tolerance] of [
  [0, TOLERANCE],
  [100, OFFSET_TOLERANCE],
]) {
  test(`a layer norm folded in, mean ${mean}`, async () => {
    for (const inputs of [1, 5, 22, 48]) {
      const x = normal([2, inputs, 5, 11], 1, mean);
      const { weight, bias } = parametersOf(22, inputs, 1);
      const norm = { weight: uniform([1, inputs, 1, 1], 5).data, bias: uniform([1, inputs, 1, 1], 6).data };
      for (const own of [norm, { weight: norm.weight }] as NormParameters[]) {
        const expected = reference(layerNorm(x, own.weight, own.bias), weight, bias);
        const folded: Operation = (engine, tensor) => {
          using stats = layerNormStats(engine, tensor, own.bias !== undefined);
          return operation({ ...packed(weight), bias, norm: own }, () => ({ stats }))(engine, tensor);
        };
        await check(`${inputs} channels${own.bias ? '' : ', bias-free'}`, [x], folded, expected, tolerance);
      }
    }
  });
}

test('channel values are added or gate the input', async () => {
  const x = normal([2, 22, 7, 9], 1);
  const values = normal([2, 22, 1, 1], 2);
  const { weight, bias } = parametersOf(5, 22, 1);
  for (const merge of ['add', 'gate'] as const) {
    const merged = merge === 'add' ? add(x, values) : add(multiply(x, values), x);
    const channelwise = operation({ ...packed(weight), bias }, (tensor) => ({ channel: { values: tensor, merge } }));
    await check(merge, [x, values], channelwise, reference(merged, weight, bias), TOLERANCE);
  }
});

test('silu', async () => {
  const x = normal([2, 3, 7, 9], 1, 0, 3);
  const { weight, bias } = parametersOf(5, 3, 1);
  const run = operation({ ...packed(weight), bias }, () => ({ activation: 'silu' }));
  await check('silu', [x], run, silu(reference(x, weight, bias)), TOLERANCE);
});

test('everything at once', async () => {
  const shape: Shape4 = [2, 22, 7, 9];
  const x = normal(shape, 1);
  const residual = normal([2, 6, 7, 9], 2);
  const { weight, bias } = parametersOf(11, 22, 1);
  const norm = { weight: uniform([1, 22, 1, 1], 5).data, bias: uniform([1, 22, 1, 1], 6).data };
  const parameters = { ...packed(weight), bias, norm, parts: [5, 6] };
  const second = channels(reference(layerNorm(x, norm.weight, norm.bias), weight, bias), 5, 11);
  const all: Operation = (engine, tensor, sum) => {
    using stats = layerNormStats(engine, tensor);
    return operation(parameters, () => ({ stats, activation: 'silu', residual: sum, range: [8, 6] }))(engine, tensor);
  };
  await check('all', [x, residual], all, add(silu(second), residual), TOLERANCE);
});

test('some channels of both parts', async () => {
  const x = normal([2, 22, 7, 9], 1);
  const { weight, bias } = parametersOf(26, 22, 1);
  const whole = reference(x, weight, bias);
  for (const [first, count] of [
    [0, 13],
    [0, 8],
    [4, 9],
    [8, 4],
    [12, 1],
  ]) {
    const [one, other] = [0, 13].map((part) => channels(whole, part + first, part + first + count));
    const filled = (4 - (count % 4)) % 4;
    const filler = generate([2, filled, 7, 9], () => 0);
    const expected = filled > 0 ? concat(concat(one, filler), other) : concat(one, other);
    const run = operation({ ...packed(weight), bias, parts: [13, 13] }, () => ({ ofBothParts: [first, count] }));
    await check(`${count} from ${first} on`, [x], run, expected, TOLERANCE);
  }
});

for (const name of ['conv1x1', 'conv1x1_nobias', 'conv3x3', 'conv3x3_nobias']) {
  test(`PyTorch's ${name}`, async () => {
    const ops = await fixture('ops.safetensors');
    const { data: weight, shape } = tensor(ops, `${name}.weight`);
    const run = operation({ weight, shape, bias: ops.get(`${name}.bias`)?.data });
    await check(name, [fixtureArray(ops, `${name}.input`)], run, fixtureArray(ops, `${name}.output`), TOLERANCE);
  });
}

test.run();
