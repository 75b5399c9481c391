import { ON_LONG_WORK, WITHOUT_WEBGPU } from '../contenders/names.ts';
import { uniform } from '../random.ts';
import { type ScanTask, STATES } from '../tasks.ts';
import { type Case, LEAST_SHARE, type Requirement, type Section } from './case.ts';

/** A share of the device's limits is asked for from this side on: smaller pictures do not fill a device. */
const SHARE_FROM = 128;

export const scan: Section = {
  id: 'scan',
  title: 'Selective scan, from x to y, 16 states',
  measures: 'time',
  cases: [
    ...[32, 64].map((side) => scanCase(1, 48, side)),
    scanCase(1, 48, 128, { contender: 'tfjs webgl', way: 'composed', ratio: { swiftshader: 16, llvmpipe: 16 } }),
    ...[16, 96, 192].map((channels) => scanCase(1, channels, 64)),
    scanCase(4, 48, 64),
    scanCase(4, 48, 128, { contender: 'tfjs webgl', way: 'composed', ratio: { swiftshader: 18, llvmpipe: 18 } }),
  ],
};

function scanCase(directions: 1 | 4, channels: number, side: number, ...requirements: Requirement[]): Case {
  return {
    name: `scan ${channels} channels, ${side} x ${side}, ${directions === 1 ? 'one way' : 'four ways'}`,
    pixels: side * side,
    side,
    requirements,
    softwareContenders: directions * side > 4 * 64 ? ON_LONG_WORK : WITHOUT_WEBGPU,
    share: side >= SHARE_FROM ? LEAST_SHARE : undefined,
    task: () => scanTask(directions, channels, side),
  };
}

/** Parameters in the range where they are after training: A from -1 to -16, step sizes from a thousandth to a few tenths. */
function scanTask(directions: number, channels: number, side: number): ScanTask {
  const rank = Math.ceil(channels / 16);
  const scale = 1 / Math.sqrt(channels);
  return {
    kind: 'scan',
    x: { channels, height: side, width: side, values: uniform(channels * side * side, 1) },
    weights: {
      directions,
      channels,
      states: STATES,
      rank,
      projection: uniform(directions * (rank + 2 * STATES) * channels, 2, -scale, scale),
      stepWeight: uniform(directions * channels * rank, 3),
      stepBias: uniform(directions * channels, 4, -7, -2),
      decay: Float32Array.from({ length: directions * channels * STATES }, (_, i) => -1 - (i % STATES)),
      skip: uniform(directions * channels, 5),
    },
  };
}
