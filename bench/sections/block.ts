import { ON_LONG_WORK } from '../contenders/names.ts';
import { uniform } from '../random.ts';
import { blockWeights, PUBLISHED } from '../weights.ts';
import type { Case, Requirement, Section } from './case.ts';

/** Sides of the picture that the network is given. */
const SIDE = 128;

/** The attention of a block at each level of the published derain network. */
export const block: Section = {
  id: 'block',
  title: 'One OSS block: norm, four scans over the plane, two over the channels, residual',
  measures: 'time',
  cases: [
    blockCase('encoder_level1', 48, SIDE, {
      contender: 'tfjs webgl',
      way: 'composed',
      ratio: { swiftshader: 12, llvmpipe: 10 },
    }),
    blockCase('encoder_level2', 96, SIDE / 2),
    blockCase('encoder_level3', 192, SIDE / 4),
    blockCase('latent', 384, SIDE / 8),
  ],
};

function blockCase(stage: string, channels: number, side: number, ...requirements: Requirement[]): Case {
  return {
    name: `OSS block, ${channels} channels, ${side} x ${side}`,
    pixels: side * side,
    side,
    softwareContenders: ON_LONG_WORK,
    requirements,
    task: () => ({
      kind: 'attention',
      x: { channels, height: side, width: side, values: uniform(channels * side * side, 1) },
      weights: blockWeights(PUBLISHED.derain, stage),
      widest: [1, 2 * PUBLISHED.derain.dim, SIDE, SIDE],
    }),
  };
}
