/** What tells the published networks apart, and the sizes that were published. */

export type VariantName = 'derain' | 'derain33' | 'sr' | 'realsr';

export interface Variant {
  /** Features to which the channel branch lifts its one; null: it scans the means as they are. */
  lift: number | null;
  /** How the channel branch g joins the plane's y: y + g, or y * g + y. */
  merge: 'add' | 'gate';
  /** Output pixels per input pixel, along each side. */
  upscale: 1 | 4;
}

export const VARIANTS: Record<VariantName, Variant> = {
  derain: { lift: 4, merge: 'add', upscale: 1 },
  derain33: { lift: 2, merge: 'gate', upscale: 1 },
  sr: { lift: 4, merge: 'gate', upscale: 4 },
  realsr: { lift: null, merge: 'gate', upscale: 4 },
};

export interface NetworkConfig {
  variant: VariantName;
  inChannels: number;
  outChannels: number;
  /** Features at full resolution; 2, 4 and 8 times as many further down. */
  dim: number;
  /** Blocks of encoder levels 1 to 3 (the decoder mirrors them) and of the latent level. */
  blocks: [number, number, number, number];
  refinement: number;
  /** Hidden channels of the feed-forward per channel, truncated to a whole number. */
  expansion: number;
  /** Whether the encoder, decoder, feed-forward and output convolutions have one. */
  bias: boolean;
  /** Whether the two norms of a block have one; if not they also keep the mean. */
  normBias: boolean;
  dualPixel: boolean;
}

const common = {
  inChannels: 3,
  outChannels: 3,
  dim: 48,
  expansion: 2.66,
  bias: false,
  normBias: true,
  dualPixel: false,
};

/** The released sizes: 28.71, 28.70, 12.03 and 10.50 million parameters. */
export const PUBLISHED: Record<VariantName, NetworkConfig> = {
  derain: { ...common, variant: 'derain', blocks: [3, 5, 7, 9], refinement: 2 },
  derain33: { ...common, variant: 'derain33', blocks: [3, 5, 7, 9], refinement: 2 },
  sr: { ...common, variant: 'sr', blocks: [15, 1, 1, 1], refinement: 15 },
  realsr: { ...common, variant: 'realsr', blocks: [6, 2, 2, 1], refinement: 6 },
};
