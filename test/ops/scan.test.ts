import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type ScanOptions, scanWeights, selectiveScan } from '../../src/ops/scan.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import {
  type Array4,
  add,
  array4,
  channels,
  entry,
  generate,
  map,
  normal,
  type Shape4,
  uniform,
} from '../reference/array.ts';
import { concat } from '../reference/concat.ts';
import { positiveDelta, selectiveScan as reference } from '../reference/selective_scan.ts';
import { check, close, leakFree, type Operation, reportWorst, sharedEngine, upload, using } from '../support/engine.ts';
import { fixture, tensor } from '../support/fixtures.ts';

const TOLERANCE = 1e-5;

const test = suite('selective scan');

test.after(() => reportWorst('selective scan'));

interface Case {
  readonly u: Array4;
  readonly delta: Array4;
  readonly a: ArrayLike<number>;
  readonly b: Array4;
  readonly c: Array4;
  readonly d: ArrayLike<number>;
}

/** Steps around 0.1, as trained networks have them, so that states are remembered over hundreds of pixels. */
function caseOf(shape: Shape4, seed = 1): Case {
  const [n, features, h, w] = shape;
  return {
    u: normal(shape, seed),
    delta: rounded(positiveDelta(normal(shape, seed + 1), new Array(features).fill(-2))),
    a: generate([1, 1, features, 16], (_n, _c, c, s) => Math.fround(-(s + 1) * (1 + c / (10 * features)))).data,
    b: normal([n, 16, h, w], seed + 2),
    c: normal([n, 16, h, w], seed + 3),
    d: uniform([1, features, 1, 1], seed + 4).data,
  };
}

/** The same numbers for the GPU and for the reference. */
const rounded = (x: Array4): Array4 => map(x, Math.fround);

const inputsOf = ({ u, delta, b, c }: Case): Array4[] => [u, delta, b, c];

const expectedOf = ({ u, delta, a, b, c, d }: Case, reverse = false): Array4 =>
  reference(u, delta, a, b, c, d, reverse);

/** The scan of u, delta, B and C, and a sum if there is a fifth tensor. */
function operation({ a, d }: Case, options: ScanOptions = {}): Operation {
  return (engine, u, delta, b, c, sum?: Tensor) =>
    using(scanWeights(engine, a, d), (weights) =>
      selectiveScan(engine, { u, delta, b, c, weights }, { ...options, sum }),
    );
}

for (const shape of [
  [1, 5, 1, 1],
  [2, 1, 1, 37],
  [2, 22, 1, 37],
  [1, 48, 7, 9],
  [2, 5, 13, 5],
  [2, 5, 6, 16],
  [1, 3, 37, 1],
  [1, 5, 1, 4096],
  [1, 22, 64, 64],
  [1, 3, 59, 71],
] as Shape4[]) {
  test(`shape ${shape}`, async () => {
    const scan = caseOf(shape);
    for (const reverse of [false, true]) {
      await check(
        reverse ? 'reverse' : 'forward',
        inputsOf(scan),
        operation(scan, { reverse }),
        expectedOf(scan, reverse),
        TOLERANCE,
      );
    }
  });
}

test('65536 pixels, in one row where a texture is wide enough', async () => {
  const { maxTextureSize, attachments } = (await sharedEngine()).format;
  const scan = caseOf(maxTextureSize * attachments >= 65536 ? [1, 5, 1, 65536] : [1, 5, 16, 4096]);
  await check('forward', inputsOf(scan), operation(scan), expectedOf(scan), TOLERANCE);
});

test('65536 pixels and more as a picture of odd width, in reverse', async () => {
  const scan = caseOf([1, 4, 257, 255]);
  const reverse = operation(scan, { reverse: true });
  await check('reverse', inputsOf(scan), reverse, expectedOf(scan, true), TOLERANCE);
});

test('states that never fade and states that fade at once', async () => {
  const scan = caseOf([1, 4, 1, 4096]);
  for (const [name, value] of [
    ['never', -1e-7],
    ['at once', -1e4],
  ] as const) {
    const extreme = { ...scan, a: new Float64Array(64).fill(Math.fround(value)) };
    await check(name, inputsOf(extreme), operation(extreme), expectedOf(extreme), TOLERANCE);
  }
});

test('added to another direction', async () => {
  const scan = caseOf([2, 5, 7, 9]);
  const sum = normal([2, 5, 7, 9], 9);
  for (const reverse of [false, true]) {
    const expected = add(expectedOf(scan, reverse), sum);
    await check('sum', [...inputsOf(scan), sum], operation(scan, { reverse }), expected, TOLERANCE);
  }
});

test('some of the channels at a time, from views into a view', async () => {
  const engine = await sharedEngine();
  const scan = caseOf([2, 22, 5, 11]);
  const sum = normal([2, 22, 5, 11], 9);
  await leakFree(engine, async () => {
    using u = upload(engine, scan.u);
    using delta = upload(engine, scan.delta);
    // B and C as a projection hands them over: views behind something else.
    using both = upload(engine, [normal([2, 8, 5, 11], 8), scan.b, scan.c].reduce(concat));
    using other = upload(engine, sum);
    using y = upload(engine, normal([2, 22, 5, 11], 10));
    using weights = scanWeights(engine, scan.a, scan.d);
    for (const [from, count] of [
      [0, 8],
      [8, 12],
      [20, 2],
    ]) {
      const part = (t: Tensor) => t.channels(from, count);
      const inputs = { u: part(u), delta: part(delta), b: both.channels(8, 16), c: both.channels(24, 16), weights };
      const into = part(y);
      assert.is(selectiveScan(engine, inputs, { firstQuad: from / 4, sum: part(other), into }), into);
    }
    close(array4(await y.read(), y.shape), add(expectedOf(scan), sum), TOLERANCE, 'chunks');
  });
});

/** PyTorch's run several groups of channels side by side, each with states of its own: for the engine these are scans of their own. */
for (const name of ['scan', 'scan_long', 'scan_ragged', 'scan_one']) {
  test(`PyTorch's ${name}`, async () => {
    const ops = await fixture('ops.safetensors');
    const [batch, features, length] = tensor(ops, `${name}.u`).shape;
    const groups = tensor(ops, `${name}.B`).shape[1];
    const size = features / groups;
    const sequence = (key: string) => array4(tensor(ops, `${name}.${key}`).data, [batch, features, 1, length]);
    const states = (key: string) => array4(tensor(ops, `${name}.${key}`).data, [batch, groups * 16, 1, length]);
    const values = (key: string, g: number, each: number) =>
      entry({ data: tensor(ops, `${name}.${key}`).data, shape: [groups, size * each] }, g).data;
    for (let g = 0; g < groups; g++) {
      const mine = (x: Array4) => channels(x, g * size, (g + 1) * size);
      const scan = {
        u: mine(sequence('u')),
        delta: positiveDelta(mine(sequence('delta')), values('delta_bias', g, 1)),
        a: values('A', g, 16),
        b: channels(states('B'), g * 16, (g + 1) * 16),
        c: channels(states('C'), g * 16, (g + 1) * 16),
        d: values('D', g, 1),
      };
      await check(`group ${g}`, inputsOf(scan), operation(scan), mine(sequence('output')), TOLERANCE);
    }
  });
}

test('PyTorch again, as pictures', async () => {
  const ops = await fixture('ops.safetensors');
  const square = (key: string, c: number) => array4(tensor(ops, `scan_long.${key}`).data, [1, c, 64, 64]);
  const scan = {
    u: square('u', 4),
    delta: positiveDelta(square('delta', 4), tensor(ops, 'scan_long.delta_bias').data),
    a: tensor(ops, 'scan_long.A').data,
    b: square('B', 16),
    c: square('C', 16),
    d: tensor(ops, 'scan_long.D').data,
  };
  await check('scan_long', inputsOf(scan), operation(scan), square('output', 4), TOLERANCE);
});

test.run();
