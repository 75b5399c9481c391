/** A network that computes in no time, of sizes that no fixture has. */
import type { NetworkConfig } from '../reference/variants.ts';

export const SMALL: NetworkConfig = {
  variant: 'derain',
  inChannels: 3,
  outChannels: 3,
  dim: 12,
  blocks: [2, 1, 1, 1],
  refinement: 1,
  expansion: 2,
  bias: false,
  normBias: true,
  dualPixel: false,
};
