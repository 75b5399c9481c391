/**
 * Half storage: what is added up over pixels or channels stays in float32. Half has three digits and ends at 65504, which the activations
 * of a network bear, but not the sums, statistics and states that are made of them.
 */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Network } from '../../src/model/network.ts';
import { Run } from '../../src/model/run.ts';
import { globalMean } from '../../src/ops/global_mean.ts';
import { layerNorm, layerNormWeights } from '../../src/ops/layer_norm.ts';
import { scanWeights, selectiveScan } from '../../src/ops/scan.ts';
import { openDevice } from '../../src/tensor/device.ts';
import type { Inputs } from '../../src/tensor/draw.ts';
import { Engine } from '../../src/tensor/engine.ts';
import type { Precision } from '../../src/tensor/layout.ts';
import type { Kernel } from '../../src/tensor/program.ts';
import { Rehearsal } from '../../src/tensor/rehearsal.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { type Array4, generate, map, normal, type Shape4, uniform } from '../reference/array.ts';
import { globalMean as referenceMean } from '../reference/global_mean.ts';
import { layerNorm as referenceNorm } from '../reference/layer_norm.ts';
import { selectiveScan as reference } from '../reference/selective_scan.ts';
import { fixtureCheckpoint } from '../support/checkpoint.ts';
import { close, type Operation, operate, reportWorst, sharedEngine, using } from '../support/engine.ts';

const test = suite('half storage of sums');

/** Half a unit in the last place of a result is 2^-11; a device may cut off where it should round. */
const TOLERANCE = 2 ** -10;

let half: Engine;

test.before(async () => {
  half = new Engine(openDevice((await sharedEngine()).gl), { precision: 'f16' });
});

test.after(() => {
  half.dispose();
  reportWorst('half storage');
});

/** Notes in which precision each shader writes. */
class Noting extends Rehearsal {
  readonly written = new Map<string, Set<Precision>>();

  override draw(kernel: Kernel, out: Tensor, inputs: Inputs, fetches: number): void {
    const { file } = kernel.shader;
    this.written.set(file, (this.written.get(file) ?? new Set()).add(out.layout.precision));
    super.draw(kernel, out, inputs, fetches);
  }
}

test('there is none: sums, statistics, carries and states of a network are float32', async () => {
  const network = await Network.pack(half, await fixtureCheckpoint('derain.weights.safetensors'));
  const rehearsal = new Noting(half.format);
  // Of so many pixels that the carries make a tree.
  using image = rehearsal.allocate([1, 3, 64, 64]);
  using _output = await network.run(new Run(rehearsal), image);
  network.dispose();
  const writers = (precision: Precision): string[] =>
    [...rehearsal.written].filter(([, written]) => written.has(precision)).map(([file]) => file.replace(/^.*\//, ''));
  const exact = ['block_sum', 'channel_scan', 'layer_norm_stats', 'scan_down', 'scan_reduce', 'scan_sum', 'scan_up'];
  assert.equal(
    writers('f32').sort(),
    exact.map((name) => `${name}.frag`),
  );
  assert.equal(
    writers('f16').filter((file) => writers('f32').includes(file)),
    [],
    'at times in half',
  );
});

/** Multiples of `unit`, few enough to be exact in half. */
const inUnits = (x: Array4, unit: number): Array4 => map(x, (v) => Math.round(v / unit) * unit);

test('loses nothing of a scan over 16384 pixels, each of which is remembered for about a thousand', async () => {
  const shape: Shape4 = [1, 5, 128, 128];
  const u = inUnits(normal(shape, 1, 1, 0.5), 2 ** -8);
  const delta = inUnits(uniform(shape, 2, 0.01, 0.05), 2 ** -15);
  // States that are large and differ by little, and a result that is the sum of their differences.
  const a = generate([1, 1, 5, 16], (_n, _c, k, n) => Math.fround(-(1 + n / 128) / (30 + k))).data;
  const b = generate([1, 16, 128, 128], () => 1);
  const c = generate([1, 16, 128, 128], (_, n) => (n % 2 === 0 ? 1 : -1));
  const d = new Float64Array(5);
  const scan: Operation = (engine, u, delta, b, c) =>
    using(scanWeights(engine, a, d), (weights) => selectiveScan(engine, { u, delta, b, c, weights }));
  const expected = reference(u, delta, a, b, c, d);
  close(await operate([u, delta, b, c], scan, half), expected, TOLERANCE, 'scan');
});

test('loses nothing of values far from zero that are normalised', async () => {
  const x = inUnits(normal([2, 22, 7, 9], 1, 1500, 3), 1);
  const [weight, bias] = [uniform([1, 22, 1, 1], 3).data, uniform([1, 22, 1, 1], 4).data];
  const norm: Operation = (engine, x) =>
    using(layerNormWeights(engine, { weight, bias }), (weights) => layerNorm(engine, x, weights));
  close(await operate([x], norm, half), referenceNorm(x, weight, bias), TOLERANCE, 'norm');
});

test('has means of sums beyond 65504, which are float32 themselves', async () => {
  const x = inUnits(normal([1, 5, 128, 128], 1, 32, 4), 2 ** -5);
  close(await operate([x], globalMean, half), referenceMean(x), 1e-6, 'mean');
});

test.run();
