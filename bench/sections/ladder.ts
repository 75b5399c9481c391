import { uniform } from '../random.ts';
import { type ConvLadderTask, type Picture, type ScanLadderTask, STATES } from '../tasks.ts';
import type { Case, Section } from './case.ts';

/** Two kernels from naive to final, each step in ../ladder with its story. Ratios are over the final kernel's time. */
export const ladder: Section = {
  id: 'ladder',
  title: 'From naive to final, step by step',
  measures: 'time',
  cases: [
    ladderCase('conv 3x3 48->24', () => convTask(48, 24, 128)),
    ladderCase('scan 48 channels', () => scanTask(48, 64)),
  ],
};

function ladderCase(name: string, task: Case['task']): Case {
  return { name: `ladder: ${name}`, allWays: true, softwareContenders: ['engine'], requirements: [], task };
}

function convTask(inChannels: number, outChannels: number, side: number): ConvLadderTask {
  const scale = 1 / Math.sqrt(9 * inChannels);
  return {
    kind: 'conv ladder',
    x: square(inChannels, side, 1),
    outChannels,
    weight: uniform(outChannels * inChannels * 9, 2, -scale, scale),
    bias: uniform(outChannels, 3),
  };
}

/** A from -1 to -16, step sizes of a few hundredths. */
function scanTask(channels: number, side: number): ScanLadderTask {
  return {
    kind: 'scan ladder',
    u: square(channels, side, 1),
    delta: square(channels, side, 2, 0.001, 0.1),
    b: square(STATES, side, 3),
    c: square(STATES, side, 4),
    decay: Float32Array.from({ length: channels * STATES }, (_, i) => -1 - (i % STATES)),
    skip: uniform(channels, 5),
  };
}

function square(channels: number, side: number, seed: number, low = -1, high = 1): Picture {
  return { channels, height: side, width: side, values: uniform(channels * side * side, seed, low, high) };
}
