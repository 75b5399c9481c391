/** The scan over channels, whose weights are folded, against the reference that does one step after the other. */
import { suite } from 'uvu';
import { channelScan, channelScanWeights } from '../../src/ops/channel_scan.ts';
import { layerNormWeights } from '../../src/ops/layer_norm.ts';
import { type Array4, normal, uniform } from '../reference/array.ts';
import { scanChannels } from '../reference/oss.ts';
import type { Weights } from '../reference/weights.ts';
import { check, type Operation, reportWorst, using } from '../support/engine.ts';
import { channelScanParameters } from '../support/operations.ts';

const TOLERANCE = 1e-5;

const test = suite('channel scan');

test.after(() => reportWorst('channel scan'));

/** Of a norm over so many channels. */
const normOf = (channels: number) => ({
  weight: uniform([1, 1, 1, channels], 21, 0.5, 1.5).data,
  bias: uniform([1, 1, 1, channels], 22).data,
});

function operation(features: number, rank: number, channels: number): Operation {
  return (engine, means) =>
    using(channelScanWeights(engine, channelScanParameters(features, rank)), (weights) =>
      using(layerNormWeights(engine, normOf(channels)), (norm) => channelScan(engine, means, weights, norm)),
    );
}

function expected(means: Array4, features: number, rank: number): Array4 {
  const { lift, lower, projection, stepWeight, stepBias, a, d } = channelScanParameters(features, rank);
  const norm = normOf(means.shape[1]);
  const logs = Float64Array.from(a, (v) => Math.log(-v));
  const weights = new Map<string, { data: ArrayLike<number>; shape: readonly number[] }>([
    ['oss.xc_proj_weight', { data: projection, shape: [2, rank + 32, features] }],
    ['oss.dtc_projs_weight', { data: stepWeight, shape: [2, features, rank] }],
    ['oss.dtc_projs_bias', { data: stepBias, shape: [2, features] }],
    ['oss.Ac_logs', { data: logs, shape: [2 * features, 16] }],
    ['oss.Dsc', { data: d, shape: [2 * features] }],
    ['oss.channel_norm.body.weight', { data: norm.weight, shape: [means.shape[1]] }],
    ['oss.channel_norm.body.bias', { data: norm.bias, shape: [means.shape[1]] }],
  ]);
  if (lift && lower) {
    weights.set('oss.conv_cin.weight', { data: lift.weight, shape: [features, 1, 1, 1] });
    weights.set('oss.conv_cin.bias', { data: lift.bias, shape: [features] });
    weights.set('oss.conv_cout.weight', { data: lower.weight, shape: [1, features, 1, 1] });
    weights.set('oss.conv_cout.bias', { data: lower.bias, shape: [1] });
  }
  return scanChannels(means, weights as Weights, 'oss', { lift: lift ? features : null, merge: 'add', upscale: 1 });
}

for (const [features, rank] of [
  [1, 3],
  [2, 6],
  [3, 1],
  [4, 6],
]) {
  test(`${features} features, rank ${rank}`, async () => {
    for (const [batch, channels] of [
      [1, 2],
      [2, 5],
      [1, 16],
      [2, 37],
      [1, 255],
    ]) {
      const means = normal([batch, channels, 1, 1], 1, 0.3);
      const what = `${batch} x ${channels} channels`;
      await check(what, [means], operation(features, rank, channels), expected(means, features, rank), TOLERANCE);
    }
  });
}

test.run();
