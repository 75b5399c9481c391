/** What contenders are given to compute: plain arrays in row-major order, pictures as [channels, height, width]. */

export type Task = ConvTask | ScanTask;

export interface Picture {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly values: Float32Array<ArrayBuffer>;
}

/** Convolution with a bias, stride 1, zero padding that keeps the size. */
export interface ConvTask {
  readonly kind: 'conv';
  readonly x: Picture;
  /** 1 or 3. */
  readonly kernel: number;
  readonly outChannels: number;
  /** [out, in, kernel, kernel]. */
  readonly weight: Float32Array<ArrayBuffer>;
  readonly bias: Float32Array<ArrayBuffer>;
}

/**
 * One direction of the selective scan over the pixels in row-major order, from x to y with everything between:
 *
 *     (r, B, C) = projection x    delta = softplus(stepWeight r + stepBias)
 *     h_t = exp(delta_t A) h_{t-1} + delta_t B_t x_t    y_t = C_t . h_t + skip x_t
 */
export interface ScanTask {
  readonly kind: 'scan';
  readonly x: Picture;
  /** States of each channel. */
  readonly states: number;
  /** Length of r. */
  readonly rank: number;
  /** [rank + 2 states, channels]. */
  readonly projection: Float32Array<ArrayBuffer>;
  /** [channels, rank]. */
  readonly stepWeight: Float32Array<ArrayBuffer>;
  /** [channels]. */
  readonly stepBias: Float32Array<ArrayBuffer>;
  /** A, [channels, states], negative. */
  readonly decay: Float32Array<ArrayBuffer>;
  /** [channels]. */
  readonly skip: Float32Array<ArrayBuffer>;
}
