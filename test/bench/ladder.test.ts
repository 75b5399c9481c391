/** The steps from naive to final all compute the same, at odd sizes. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Job } from '../../bench/contenders/contender.ts';
import { convSteps } from '../../bench/ladder/conv3x3/steps.ts';
import { scanSteps } from '../../bench/ladder/scan/steps.ts';
import { uniform } from '../../bench/random.ts';
import type { ConvLadderTask, Picture, ScanLadderTask } from '../../bench/tasks.ts';
import { assertClose } from '../support/close.ts';
import { sharedEngine } from '../support/engine.ts';

const test = suite('ladder');

const picture = (channels: number, seed: number, low = -1, high = 1): Picture => ({
  channels,
  height: 5,
  width: 11,
  values: uniform(channels * 5 * 11, seed, low, high),
});

const conv: ConvLadderTask = {
  kind: 'conv ladder',
  x: picture(7, 1),
  outChannels: 10,
  weight: uniform(10 * 7 * 9, 2),
  bias: uniform(10, 3),
};

const scan: ScanLadderTask = {
  kind: 'scan ladder',
  u: picture(6, 1),
  delta: picture(6, 2, 0.001, 0.1),
  b: picture(16, 3),
  c: picture(16, 4),
  decay: Float32Array.from({ length: 6 * 16 }, (_, i) => -1 - (i % 16)),
  skip: uniform(6, 5),
};

test('conv 3x3', async () => {
  const { gl, format } = await sharedEngine();
  await sameInAllWays(convSteps(gl, conv), format.attachments === 8 ? 8 : 7);
});

test('scan', async () => {
  await sameInAllWays(scanSteps((await sharedEngine()).gl, scan), 5);
});

/** The first is the engine's own, the rest are what it is compared with. */
async function sameInAllWays(ways: Readonly<Record<string, () => Job | Promise<Job>>>, others: number): Promise<void> {
  const [[, final], ...steps] = Object.entries(ways);
  assert.is(steps.length, others);
  const expected = await valuesOf(await final());
  for (const [way, open] of steps) assertClose(await valuesOf(await open()), expected, 1e-5, way);
  const { gl } = await sharedEngine();
  assert.is(gl.getError(), gl.NO_ERROR);
}

async function valuesOf(job: Job): Promise<ArrayLike<number>> {
  const output = await job.run();
  await output.finish();
  const values = await output.read();
  output.dispose();
  job.dispose();
  return values;
}

test.run();
