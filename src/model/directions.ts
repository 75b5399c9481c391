/** The pixels of a picture scanned forward and in reverse, each with projections of its own: half of the plane's scan. */
import { type ConvWeights, conv2d } from '../ops/conv2d.ts';
import { type ScanWeights, STATES, selectiveScan } from '../ops/scan.ts';
import { channelsBothWays, stepSizes } from '../ops/step_sizes.ts';
import { quadsOf } from '../tensor/layout.ts';
import type { Recorder } from '../tensor/recorder.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { chunks } from './chunks.ts';
import type { Parameters } from './parameters.ts';
import type { Run } from './run.ts';

/** Which two of the plane's four scans, by their numbers in the parameters. */
export interface WhichDirections {
  readonly forward: number;
  readonly backward: number;
  /** What the outputs are multiplied with. */
  readonly scale: number;
}

/**
 * Bytes of carries, states and step sizes of both directions for one quad of one pixel: (16 + 16 + 1) texels for 8 pixels, the tree above,
 * and delta.
 */
const BYTES_PER_PIXEL_QUAD = 184;
/** Chunks of channels that are scanned one after the other, at most. */
const CHUNKS = 8;
/** Of a chunk. With one, the bundled derain network has 955 draws in place of 675 at 512 x 512, for 0.17 KB a pixel less. */
const LEAST_QUADS = 2;

export class Directions {
  private readonly projection: ConvWeights;
  private readonly rank: number;
  /** From the projection's first channels to step sizes. */
  private readonly steps: ConvWeights;
  private readonly weights: ScanWeights;

  constructor(parameters: Parameters, { forward, backward, scale }: WhichDirections) {
    const [, width, channels] = parameters.shape('x_proj_weight');
    const rank = width - 2 * STATES;
    this.rank = rank;
    /** The values of both directions, or some of them: `size` of each, `count` from `from` on. */
    const both = (values: Float32Array, size: number, from = 0, count = size): Float32Array => {
      const joined = new Float32Array(2 * count);
      [forward, backward].forEach((k, i) => {
        joined.set(values.subarray(k * size + from, k * size + from + count), i * count);
      });
      return joined;
    };
    // Outputs are linear in C, the last rows of each projection, and in D.
    const scaled = (values: Float32Array): Float32Array => values.map((v) => v * scale);
    const projections = parameters.values('x_proj_weight');
    const rows = (from: number, count: number): Float32Array =>
      both(projections, width * channels, from * channels, count * channels);
    const parts = [rows(0, rank), rows(rank, STATES), scaled(rows(rank + STATES, STATES))];
    const weight = new Float32Array(2 * width * channels);
    let at = 0;
    for (const part of parts) {
      weight.set(part, at);
      at += part.length;
    }
    this.projection = parameters.packConv({
      weight,
      shape: [2 * width, channels, 1, 1],
      parts: [rank, rank, 2 * STATES, 2 * STATES],
    });
    this.steps = parameters.packConv({
      weight: both(parameters.values('dt_projs_weight'), channels * rank),
      shape: [2 * channels, rank, 1, 1],
      bias: both(parameters.values('dt_projs_bias'), channels),
      parts: [channels, channels],
    });
    this.weights = parameters.scan(
      both(parameters.values('A_logs'), channels * STATES).map((log) => -Math.exp(log)),
      scaled(both(parameters.values('Ds'), channels)),
      2,
    );
  }

  /** The sum of both scans over the pixels of s, [n, c, h, w], in row-major order; in chunks of channels that reuse the same carries. */
  async run(run: Run, s: Tensor): Promise<Tensor> {
    const { engine } = run;
    using projected = conv2d(engine, s, this.projection);
    const y = engine.allocate(s.shape);
    try {
      const [n, channels, h, w] = s.shape;
      for (const range of chunks(channels, CHUNKS, n * h * w * BYTES_PER_PIXEL_QUAD, run.room, LEAST_QUADS)) {
        await run.step();
        this.scan(engine, s, projected, range, y.channels(...range));
      }
      return y;
    } catch (error) {
      y.dispose();
      throw error;
    }
  }

  /** Both directions over some of the channels. */
  private scan(engine: Recorder, s: Tensor, projected: Tensor, range: [number, number], into: Tensor): void {
    const dt = projected.channels(0, channelsBothWays(this.rank));
    using delta = stepSizes(engine, dt, this.steps, range);
    const first = 8 * quadsOf(this.rank);
    const b = projected.channels(first, 2 * STATES);
    const c = projected.channels(first + 2 * STATES, 2 * STATES);
    const inputs = { u: s.channels(...range), delta, b, c, weights: this.weights };
    selectiveScan(engine, inputs, { order: 'both', firstQuad: range[0] / 4, into });
  }
}
