import { uniform } from '../random.ts';
import type { ScanTask } from '../tasks.ts';
import type { Section } from './case.ts';

const CHANNELS = 48;
const STATES = 16;
const RANK = 3;
const SIDE = 128;

export const scan: Section = {
  id: 'scan',
  title: 'Selective scan',
  measures: 'time',
  cases: [
    {
      name: `scan ${CHANNELS} channels`,
      requirements: [{ contender: 'tfjs webgl', way: 'composed', ratio: { swiftshader: 16, llvmpipe: 16 } }],
      task: scanTask,
    },
  ],
};

/** Parameters in the range where they are after training: A from -1 to -16, step sizes from a thousandth to a few tenths. */
function scanTask(): ScanTask {
  const scale = 1 / Math.sqrt(CHANNELS);
  return {
    kind: 'scan',
    x: { channels: CHANNELS, height: SIDE, width: SIDE, values: uniform(CHANNELS * SIDE * SIDE, 1) },
    states: STATES,
    rank: RANK,
    projection: uniform((RANK + 2 * STATES) * CHANNELS, 2, -scale, scale),
    stepWeight: uniform(CHANNELS * RANK, 3),
    stepBias: uniform(CHANNELS, 4, -7, -2),
    decay: Float32Array.from({ length: CHANNELS * STATES }, (_, i) => -1 - (i % STATES)),
    skip: uniform(CHANNELS, 5),
  };
}
