import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type ScanOrder, scanWeights, selectiveScan } from '../../src/ops/scan.ts';
import { channelsBothWays } from '../../src/ops/step_sizes.ts';
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

/** Steps around 0.1, as trained networks have them, so that states are remembered over hundreds of pixels. A differs by seed too. */
function caseOf(shape: Shape4, seed = 1): Case {
  const [n, features, h, w] = shape;
  return {
    u: normal(shape, seed),
    delta: rounded(positiveDelta(normal(shape, seed + 1), new Array(features).fill(-2))),
    a: generate([1, 1, features, 16], (_n, _c, c, s) => Math.fround(-(s + 1) * (1 + (seed + c / features) / 10))).data,
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

/** The scan of u, delta, B and C. */
function operation({ a, d }: Case, order: ScanOrder = 'forward'): Operation {
  return (engine, u, delta, b, c) =>
    using(scanWeights(engine, a, d, order === 'both' ? 2 : 1), (weights) =>
      selectiveScan(engine, { u, delta, b, c, weights }, { order }),
    );
}

/** A scan both ways, of the u of the first. */
function joined(forward: Case, reverse: Case): Case {
  const [n, features, h, w] = forward.u.shape;
  const filling = map(normal([n, channelsBothWays(features) - 2 * features, h, w], 8), Math.abs); // which nobody shall miss
  const filled = channelsBothWays(features) === 2 * features ? forward.delta : concat(forward.delta, filling);
  return {
    u: forward.u,
    delta: concat(filled, reverse.delta),
    a: [...Array.from(forward.a), ...Array.from(reverse.a)],
    b: concat(forward.b, reverse.b),
    c: concat(forward.c, reverse.c),
    d: [...Array.from(forward.d), ...Array.from(reverse.d)],
  };
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
  [1, 6, 30, 20], // carries of eight rows side by side
  [1, 6, 3, 536], // 67 carries a row in rows of 72, since eight rows would be too wide
] as Shape4[]) {
  test(`shape ${shape}`, async () => {
    const scan = caseOf(shape);
    const other = { ...caseOf(shape, 5), u: scan.u };
    const [forward, reverse] = [expectedOf(scan), expectedOf(scan, true)];
    await check('forward', inputsOf(scan), operation(scan), forward, TOLERANCE);
    await check('reverse', inputsOf(scan), operation(scan, 'reverse'), reverse, TOLERANCE);
    const both = joined(scan, other);
    const sum = add(forward, expectedOf(other, true));
    await check('both', inputsOf(both), operation(both, 'both'), sum, TOLERANCE);
  });
}

test('65536 pixels, in one row where a texture is wide enough', async () => {
  const { maxTextureSize, attachments } = (await sharedEngine()).format;
  const scan = caseOf(maxTextureSize * attachments >= 65536 ? [1, 5, 1, 65536] : [1, 5, 16, 4096]);
  await check('forward', inputsOf(scan), operation(scan), expectedOf(scan), TOLERANCE);
});

test('65536 pixels both ways, in several quads of channels, remembered over thousands of pixels', async () => {
  const slow = (scan: Case): Case => ({ ...scan, a: Float64Array.from(scan.a, (v) => Math.fround(v / 1000)) });
  const scan = slow(caseOf([1, 5, 256, 256]));
  const other = { ...slow(caseOf([1, 5, 256, 256], 5)), u: scan.u };
  const both = joined(scan, other);
  const expected = add(expectedOf(scan), expectedOf(other, true));
  await check('both', inputsOf(both), operation(both, 'both'), expected, TOLERANCE);
});

test('65536 pixels and more as a picture of odd width, in reverse', async () => {
  const scan = caseOf([1, 4, 257, 257]);
  await check('reverse', inputsOf(scan), operation(scan, 'reverse'), expectedOf(scan, true), TOLERANCE);
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

test('some of the channels at a time, from views into a view', async () => {
  const engine = await sharedEngine();
  const scan = caseOf([2, 22, 5, 11]);
  const other = { ...caseOf([2, 22, 5, 11], 5), u: scan.u };
  const { a, b, c, d } = joined(scan, other);
  await leakFree(engine, async () => {
    using u = upload(engine, scan.u);
    // B and C as a projection hands them over: views behind something else.
    using projected = upload(engine, [normal([2, 8, 5, 11], 8), b, c].reduce(concat));
    using y = upload(engine, normal([2, 22, 5, 11], 10));
    using weights = scanWeights(engine, a, d, 2);
    for (const [from, count] of [
      [0, 8],
      [8, 12],
      [20, 2],
    ]) {
      const part = ({ delta }: Case) => ({
        ...scan,
        delta: channels(delta, from, from + count),
        u: channels(scan.u, 0, count),
      });
      using delta = upload(engine, joined(part(scan), part(other)).delta);
      const inputs = {
        u: u.channels(from, count),
        delta,
        b: projected.channels(8, 32),
        c: projected.channels(40, 32),
        weights,
      };
      const into = y.channels(from, count);
      assert.is(selectiveScan(engine, inputs, { order: 'both', firstQuad: from / 4, into }), into);
    }
    const expected = add(expectedOf(scan), expectedOf(other, true));
    close(array4(await y.read(), y.shape), expected, TOLERANCE, 'chunks');
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
