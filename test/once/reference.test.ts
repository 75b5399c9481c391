/** The float64 reference against PyTorch's results (test/fixtures), before anything is measured by it. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { gelu, silu, softplus } from '../reference/activations.ts';
import { type Array4, array4, channels, entry, generate, normal, random, uniform } from '../reference/array.ts';
import { concat } from '../reference/concat.ts';
import { conv2d } from '../reference/conv2d.ts';
import { erf, erfc } from '../reference/erf.ts';
import { globalMean } from '../reference/global_mean.ts';
import { layerNorm } from '../reference/layer_norm.ts';
import { network, restore } from '../reference/network.ts';
import { pixelShuffle } from '../reference/pixel_shuffle.ts';
import { pixelUnshuffle } from '../reference/pixel_unshuffle.ts';
import { crop, reflectPad } from '../reference/reflect_pad.ts';
import { positiveDelta, selectiveScan } from '../reference/selective_scan.ts';
import { transpose } from '../reference/transpose.ts';
import { upsampleNearest } from '../reference/upsample_nearest.ts';
import { assertClose } from '../support/close.ts';
import { fixture, fixtureConfig, tensor } from '../support/fixtures.ts';
import type { Tensor } from '../support/safetensors.ts';

/** Single operations are right to float32 rounding, whole networks to what it grows to on the way through them. */
const OPERATION = 1e-6;
const NETWORK = 1e-5;

const test = suite('float64 reference');

const array = ({ data, shape }: Tensor): Array4 => array4(data, shape);

/** Known to 17 digits, from mpmath. */
const ERF: [x: number, erf: number, erfc: number][] = [
  [1e-10, 1.1283791670955126e-10, 0.999999999887162],
  [0.1, 0.1124629160182849, 0.887537083981715],
  [0.5, 0.5204998778130465, 0.4795001221869535],
  [1, 0.8427007929497149, 0.15729920705028513],
  [1.5, 0.9661051464753108, 0.033894853524689274],
  [1.9999, 0.9953201979070294, 0.004679802092970608],
  [2, 0.9953222650189527, 0.004677734981047266],
  [2.5, 0.999593047982555, 0.0004069520174449589],
  [3, 0.9999779095030014, 2.209049699858544e-5],
  [4, 0.9999999845827421, 1.541725790028002e-8],
  [5, 0.9999999999984626, 1.537459794428035e-12],
  [6, 1, 2.1519736712498913e-17],
  [10, 1, 2.088487583762545e-45],
  [26, 1, 5.663192408856143e-296],
];

test('erf and erfc are right to the last digits', () => {
  for (const [x, value, complement] of ERF) {
    assertClose([erf(x)], [value], 1e-15, `erf(${x})`);
    assertClose([erf(-x)], [-value], 1e-15, `erf(${-x})`);
    assertClose([erfc(x)], [complement], 1e-13, `erfc(${x})`);
    assertClose([erfc(-x)], [1 + value], 1e-15, `erfc(${-x})`);
  }
  assert.is(erf(0), 0);
  assert.is(erfc(0), 1);
});

for (const name of ['conv1x1', 'conv1x1_nobias', 'conv3x3', 'conv3x3_nobias', 'depthwise3x3', 'depthwise3x3_nobias']) {
  test(name, async () => {
    const ops = await fixture('ops.safetensors');
    const input = array(tensor(ops, `${name}.input`));
    const groups = name.startsWith('depthwise') ? input.shape[1] : 1;
    const out = conv2d(input, tensor(ops, `${name}.weight`), ops.get(`${name}.bias`)?.data, groups);
    same(out, tensor(ops, `${name}.output`), OPERATION, name);
  });
}

test('a 5x5 convolution sums over its window', () => {
  const x = uniform([1, 2, 6, 7], 1);
  const weight = uniform([2, 1, 5, 5], 2);
  const out = conv2d(x, weight, undefined, 2);
  const expected = generate(x.shape, (_n, c, y, u) => {
    let sum = 0;
    for (let j = 0; j < 5; j++)
      for (let k = 0; k < 5; k++) {
        const inside = y + j - 2 >= 0 && y + j - 2 < 6 && u + k - 2 >= 0 && u + k - 2 < 7;
        if (inside) sum += weight.data[c * 25 + j * 5 + k] * x.data[c * 42 + (y + j - 2) * 7 + u + k - 2];
      }
    return sum;
  });
  assertClose(out.data, expected.data, 1e-15, '5x5');
});

for (const name of ['layernorm', 'layernorm_offset', 'layernorm_small']) {
  test(name, async () => {
    const ops = await fixture('ops.safetensors');
    const input = array(tensor(ops, `${name}.input`));
    const weight = tensor(ops, `${name}.weight`).data;
    same(layerNorm(input, weight, tensor(ops, `${name}.bias`).data), tensor(ops, `${name}.output`), OPERATION, name);
    same(layerNorm(input, weight), tensor(ops, `${name}.output_biasfree`), OPERATION, `${name}, bias-free`);
  });
}

test('activations', async () => {
  const ops = await fixture('ops.safetensors');
  const input = array(tensor(ops, 'activations.input'));
  same(gelu(input), tensor(ops, 'activations.gelu'), OPERATION, 'gelu');
  same(silu(input), tensor(ops, 'activations.silu'), OPERATION, 'silu');
  same(softplus(input), tensor(ops, 'activations.softplus'), OPERATION, 'softplus');
});

test('activations keep their digits far from zero', () => {
  const ends = array4([-800, -30, 30, 800], [1, 1, 1, 4]);
  const small = Math.exp(-30);
  assert.equal([...silu(ends).data].map(Math.abs), [0, 30 / (1 + Math.exp(30)), 30 / (1 + small), 800]);
  assert.equal([...softplus(ends).data], [0, Math.log1p(small), 30 + Math.log1p(small), 800]);
  assert.equal([...gelu(ends).data].slice(2), [30, 800]);
});

test('concat', async () => {
  const ops = await fixture('ops.safetensors');
  const out = concat(array(tensor(ops, 'concat.a')), array(tensor(ops, 'concat.b')));
  same(out, tensor(ops, 'concat.output'), 0, 'concat');
});

test('pixel shuffle and unshuffle', async () => {
  const ops = await fixture('ops.safetensors');
  const shuffled = pixelShuffle(array(tensor(ops, 'pixel_shuffle.input')));
  same(shuffled, tensor(ops, 'pixel_shuffle.output'), 0, 'shuffle');
  const unshuffled = pixelUnshuffle(array(tensor(ops, 'pixel_unshuffle.input')));
  same(unshuffled, tensor(ops, 'pixel_unshuffle.output'), 0, 'unshuffle');
  same(pixelUnshuffle(shuffled), tensor(ops, 'pixel_shuffle.input'), 0, 'there and back');
});

test('nearest neighbour', async () => {
  const ops = await fixture('ops.safetensors');
  const out = upsampleNearest(array(tensor(ops, 'upsample_nearest4.input')), 4);
  same(out, tensor(ops, 'upsample_nearest4.output'), 0, 'nearest');
});

test('global mean', () => {
  const out = globalMean(array4([1, 2, 3, 6, -1, -1, -1, 1], [2, 1, 2, 2]));
  assert.equal(out, array4([3, -0.5], [2, 1, 1, 1]));
});

test('transpose', () => {
  assert.equal(transpose(array4([1, 2, 3, 4, 5, 6], [1, 1, 2, 3])), array4([1, 4, 2, 5, 3, 6], [1, 1, 3, 2]));
});

test('reflect pad mirrors again and again', () => {
  const row = array4([0, 1, 2], [1, 1, 1, 3]);
  assert.equal([...reflectPad(row, 1, 9).data], [0, 1, 2, 1, 0, 1, 2, 1, 0]);
  const column = transpose(row);
  assert.equal([...reflectPad(column, 5, 2).data], [0, 0, 1, 1, 2, 2, 1, 1, 0, 0]);
  assert.equal(crop(reflectPad(row, 4, 8), 1, 3), row);
});

for (const name of ['scan', 'scan_long', 'scan_ragged', 'scan_one']) {
  test(name, async () => {
    const ops = await fixture('ops.safetensors');
    const [batch, features, length] = tensor(ops, `${name}.u`).shape;
    const groups = tensor(ops, `${name}.B`).shape[1];
    const d = features / groups;
    const sequence = (key: string): Array4 => array4(tensor(ops, `${name}.${key}`).data, [batch, features, 1, length]);
    const states = (key: string): Array4 => array4(tensor(ops, `${name}.${key}`).data, [batch, groups * 16, 1, length]);
    const of = (key: string, g: number): ArrayLike<number> =>
      tensor(ops, `${name}.${key}`)
        .data.subarray((g * features) / groups)
        .subarray(0, d);
    const expected = sequence('output');
    for (let g = 0; g < groups; g++) {
      const u = channels(sequence('u'), g * d, (g + 1) * d);
      const delta = positiveDelta(channels(sequence('delta'), g * d, (g + 1) * d), of('delta_bias', g));
      const A = entry({ data: tensor(ops, `${name}.A`).data, shape: [groups, d * 16] }, g).data;
      const B = channels(states('B'), g * 16, (g + 1) * 16);
      const C = channels(states('C'), g * 16, (g + 1) * 16);
      const wanted = channels(expected, g * d, (g + 1) * d);
      const out = selectiveScan(u, delta, A, B, C, of('D', g));
      assertClose(out.data, wanted.data, OPERATION, `${name}, group ${g}`);

      const backwards = selectiveScan(flip(u), flip(delta), A, flip(B), flip(C), of('D', g), true);
      assert.equal(flip(backwards), out, 'reversed input, scanned in reverse');
    }
  });
}

test('a scan runs over the rows of a picture', () => {
  const square = (seed: number, c: number): Array4 => normal([2, c, 4, 6], seed);
  const line = ({ data, shape: [n, c] }: Array4): Array4 => array4(data, [n, c, 1, 24]);
  const [u, delta, B, C] = [square(1, 3), softplus(square(2, 3)), square(3, 16), square(4, 16)];
  const A = normal([1, 1, 3, 16], 5).data.map((v) => -Math.exp(v));
  for (const reverse of [false, true]) {
    const out = selectiveScan(u, delta, A, B, C, [1, 2, 3], reverse);
    assert.equal(line(out), selectiveScan(line(u), line(delta), A, line(B), line(C), [1, 2, 3], reverse));
  }
});

for (const name of ['derain', 'derain33', 'sr', 'realsr', 'dualpixel']) {
  test(`the ${name} network, step by step`, async () => {
    const io = await fixture(`${name}.io.safetensors`);
    const weights = await fixture(`${name}.weights.safetensors`);
    const { variant } = await fixtureConfig(`${name}.io.safetensors`);
    const steps = new Map<string, Array4>();
    const out = network(array(tensor(io, 'input')), weights, variant, (step, value) => steps.set(step, value));
    for (const [key, expected] of io) {
      if (!key.startsWith('act.')) continue;
      const step = steps.get(key.slice(4));
      if (!step) throw new Error(`${name}: the reference has no step '${key.slice(4)}'`);
      same(step, expected, NETWORK, `${name}, ${key}`);
    }
    same(out, tensor(io, 'output'), NETWORK, name);
  });
}

test('a picture of any size is padded and cropped', async () => {
  const weights = await fixture('sr.weights.safetensors');
  const image = uniform([1, 3, 5, 11], 7, 0, 1);
  const out = restore(image, weights, 'sr');
  assert.equal(out.shape, [1, 3, 20, 44]);
  assert.equal(out, crop(network(reflectPad(image, 8, 16), weights, 'sr'), 20, 44));
});

test('random numbers are the same every time and spread as they should', () => {
  const next = random(1);
  assert.equal([next(), next(), next()], [0.6270739405881613, 0.002735721180215478, 0.5274470399599522]);
  const moments = ({ data }: Array4) => {
    const mean = data.reduce((sum, v) => sum + v, 0) / data.length;
    return [mean, data.reduce((sum, v) => sum + (v - mean) ** 2, 0) / data.length];
  };
  const [mean, variance] = moments(normal([1, 1, 100, 1000], 3, 5, 2));
  assert.ok(Math.abs(mean - 5) < 0.03 && Math.abs(variance - 4) < 0.06, `mean ${mean}, variance ${variance}`);
  const [middle, width] = moments(uniform([1, 1, 100, 1000], 4));
  assert.ok(Math.abs(middle) < 0.01 && Math.abs(width - 1 / 3) < 0.006, `mean ${middle}, variance ${width}`);
});

/** Shape and values. */
function same(actual: Array4, expected: Tensor, tolerance: number, what: string): void {
  assert.equal([...actual.shape], [...expected.shape], `${what}: shape`);
  assertClose(actual.data, expected.data, tolerance, what);
}

/** The sequence of every channel from its end to its start: (n, c, 1, length). */
function flip(x: Array4): Array4 {
  const length = x.shape[3];
  return generate(x.shape, (n, c, _y, t) => x.data[(n * x.shape[1] + c) * length + length - 1 - t]);
}

test.run();
