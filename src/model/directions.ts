/** A sequence scanned forward and in reverse, each with projections of its own: half of the plane's scan, or all of the channels'. */
import { type ConvWeights, conv2d } from '../ops/conv2d.ts';
import { type ScanOptions, STATES, selectiveScan } from '../ops/scan.ts';
import { quadsOf } from '../tensor/layout.ts';
import type { Recorder } from '../tensor/recorder.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Weights } from '../tensor/weights.ts';
import { chunks } from './chunks.ts';
import type { Parameters } from './parameters.ts';
import type { Run } from './run.ts';

/** Names of a scan's parameters and the numbers of its two directions in them. */
export interface DirectionNames {
  readonly projection: string;
  readonly stepWeight: string;
  readonly stepBias: string;
  readonly decayLogs: string;
  readonly skip: string;
  readonly forward: number;
  readonly backward: number;
  /** What the outputs are multiplied with. */
  readonly scale: number;
}

/** Bytes of carries, states and step sizes for one quad of one pixel: (16 + 16 + 1) texels for 8 pixels, the tree above, and delta. */
const BYTES_PER_PIXEL_QUAD = 92;
/**
 * Chunks of channels that are scanned one after the other, so that their carries take little more than a tensor of the input's size. With
 * six, the published derain network takes 2.69 KB a pixel instead of 2.79, and has 40 % more draws.
 */
const CHUNKS = 4;

interface Direction {
  readonly step: ConvWeights;
  readonly scan: Weights;
}

/** Channels that begin at a whole quad after the `n` before them. */
const aligned = (n: number): number => 4 * quadsOf(n);

export class Directions {
  private readonly projection: ConvWeights;
  private readonly rank: number;
  private readonly forward: Direction;
  private readonly backward: Direction;

  constructor(parameters: Parameters, names: DirectionNames) {
    const [, width, channels] = parameters.shape(names.projection);
    this.rank = width - 2 * STATES;
    const projections = parameters.values(names.projection);
    const slice = (values: Float32Array, k: number, size: number): Float32Array =>
      values.subarray(k * size, (k + 1) * size);
    const weight = new Float32Array(2 * width * channels);
    weight.set(slice(projections, names.forward, width * channels));
    weight.set(slice(projections, names.backward, width * channels), width * channels);
    // Outputs are linear in C, the last rows of each projection, and in D.
    const scaled = (values: Float32Array): Float32Array => values.map((v) => v * names.scale);
    for (const end of [width, 2 * width]) {
      const c = weight.subarray((end - STATES) * channels, end * channels);
      c.set(scaled(c));
    }
    const parts = [this.rank, STATES, STATES, this.rank, STATES, STATES];
    this.projection = parameters.packConv({ weight, shape: [2 * width, channels, 1, 1], parts });
    const direction = (k: number): Direction => ({
      step: parameters.packConv({
        weight: slice(parameters.values(names.stepWeight), k, channels * this.rank),
        shape: [channels, this.rank, 1, 1],
        bias: slice(parameters.values(names.stepBias), k, channels),
      }),
      scan: parameters.scan(
        slice(parameters.values(names.decayLogs), k, channels * STATES).map((log) => -Math.exp(log)),
        scaled(slice(parameters.values(names.skip), k, channels)),
      ),
    });
    this.forward = direction(names.forward);
    this.backward = direction(names.backward);
  }

  /** The sum of both scans over the pixels of s, [n, c, h, w], in row-major order; in chunks of channels that reuse the same carries. */
  async run(run: Run, s: Tensor): Promise<Tensor> {
    const { engine } = run;
    using projected = conv2d(engine, s, this.projection);
    const y = engine.allocate(s.shape);
    try {
      const [n, channels, h, w] = s.shape;
      for (const range of chunks(channels, CHUNKS, n * h * w * BYTES_PER_PIXEL_QUAD, run.cacheBytes)) {
        await run.step();
        using forward = this.scan(engine, s, projected, range, false);
        await run.step();
        this.scan(engine, s, projected, range, true, { sum: forward, into: y.channels(...range) });
      }
      return y;
    } catch (error) {
      y.dispose();
      throw error;
    }
  }

  /** One direction over some of the channels. */
  private scan(
    engine: Recorder,
    s: Tensor,
    projected: Tensor,
    range: [number, number],
    reverse: boolean,
    options?: ScanOptions,
  ): Tensor {
    const { step, scan } = reverse ? this.backward : this.forward;
    const first = reverse ? aligned(this.rank) + 2 * STATES : 0;
    const dt = projected.channels(first, this.rank);
    const b = projected.channels(first + aligned(this.rank), STATES);
    const c = projected.channels(first + aligned(this.rank) + STATES, STATES);
    using delta = conv2d(engine, dt, step, { activation: 'softplus', range });
    const inputs = { u: s.channels(...range), delta, b, c, weights: scan };
    return selectiveScan(engine, inputs, { ...options, reverse, firstQuad: range[0] / 4 });
  }
}
