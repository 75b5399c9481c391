/** What contenders are given to compute: plain arrays in row-major order, pictures as [channels, height, width]. */

export type Task = ConvTask | NormConvTask | GateTask | ScanTask | AttentionTask | NetworkTask | LadderTask;

export type Values = Float32Array<ArrayBuffer>;

/** Of each channel of a scan. The engine's own constant would bring its script into everybody's. */
export const STATES = 16;

export interface Picture {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly values: Values;
}

/** Convolution with a bias, stride 1, zero padding that keeps the size. */
export interface ConvTask {
  readonly kind: 'conv';
  readonly x: Picture;
  /** 1 or 3. */
  readonly kernel: number;
  readonly outChannels: number;
  /** [out, in, kernel, kernel]. */
  readonly weight: Values;
  readonly bias: Values;
}

/** Layer norm over the channels of each pixel, then a 1x1 convolution with a bias. */
export interface NormConvTask extends Omit<ConvTask, 'kind'> {
  readonly kind: 'norm and conv';
  /** [in] each. */
  readonly normWeight: Values;
  readonly normBias: Values;
}

/** Depthwise 3x3 convolution without a bias, then gelu of the first half of the channels times the second. */
export interface GateTask {
  readonly kind: 'gate';
  readonly x: Picture;
  /** [channels, 1, 3, 3]. */
  readonly weight: Values;
}

/** What a selective scan is made of, for each of its directions. */
export interface ScanWeights {
  readonly directions: number;
  readonly channels: number;
  /** States of each channel. */
  readonly states: number;
  /** Length of r. */
  readonly rank: number;
  /** [directions, rank + 2 states, channels]. */
  readonly projection: Values;
  /** [directions, channels, rank]. */
  readonly stepWeight: Values;
  /** [directions, channels]. */
  readonly stepBias: Values;
  /** A, [directions, channels, states], negative. */
  readonly decay: Values;
  /** [directions, channels]. */
  readonly skip: Values;
}

/**
 * The selective scan over the pixels of a picture, from x to y with everything between:
 *
 *     (r, B, C) = projection x    delta = softplus(stepWeight r + stepBias)
 *     h_t = exp(delta_t A) h_{t-1} + delta_t B_t x_t    y_t = C_t . h_t + skip x_t
 *
 * In one direction it goes along the rows. In four it goes along rows, columns, rows backward and columns backward, and the result is
 * the sum of the four, each put back in place.
 */
export interface ScanTask {
  readonly kind: 'scan';
  readonly x: Picture;
  readonly weights: ScanWeights;
}

/** The attention part of a block: x + oss(norm(x)). */
export interface AttentionTask {
  readonly kind: 'attention';
  readonly x: Picture;
  /** A safetensors file with the parameters of the block: norm1.* and attn.*. */
  readonly weights: ArrayBuffer;
  /** The widest activation of the block's network, by which the engine sizes parts: [n, c, h, w]. */
  readonly widest: readonly [number, number, number, number];
}

/** A whole network, from a picture in memory to its output's values in memory. */
export interface NetworkTask {
  readonly kind: 'network';
  /** RGBA, opaque. The network takes red, green and blue over 255. */
  readonly image: ImageData;
  /** A checkpoint as a safetensors file. */
  weights(): Promise<ArrayBuffer>;
  /** Address of the same network as an ONNX file for a picture of this size, gzipped, relative to the page; where there is one. */
  readonly onnx?: string;
}

/** What the engine does step by step, from naive to final. */
export type LadderTask = ConvLadderTask | ScanLadderTask;

/** A 3x3 convolution in all the ways of ladder/conv3x3. */
export interface ConvLadderTask extends Omit<ConvTask, 'kind' | 'kernel'> {
  readonly kind: 'conv ladder';
}

/** A selective scan along the rows, alone, in all the ways of ladder/scan. */
export interface ScanLadderTask {
  readonly kind: 'scan ladder';
  readonly u: Picture;
  /** Step sizes, positive. */
  readonly delta: Picture;
  /** B and C: a channel for each of 16 states. */
  readonly b: Picture;
  readonly c: Picture;
  /** A, [channels, 16], negative. */
  readonly decay: Values;
  /** D, [channels]. */
  readonly skip: Values;
}
