/** A sequence scanned forward and in reverse, each with projections of its own: half of the plane's scan, or all of the channels'. */
import { type ConvWeights, conv2d } from '../ops/conv2d.ts';
import { STATES, selectiveScan } from '../ops/scan.ts';
import { ceilDiv, quadsOf } from '../tensor/layout.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Weights } from '../tensor/weights.ts';
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
}

/** About the bytes that the carries of one chunk of channels may take. */
const CARRY_BYTES = 32 * 2 ** 20;
/** Bytes of carries, states and step sizes for one quad of one pixel: (16 + 16 + 1) texels for 8 pixels with the tree above, and delta. */
const BYTES_PER_PIXEL_QUAD = 92;

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
        slice(parameters.values(names.skip), k, channels),
      ),
    });
    this.forward = direction(names.forward);
    this.backward = direction(names.backward);
  }

  /** The sum of both scans over the pixels of s, [n, c, h, w], in row-major order. */
  async run(run: Run, s: Tensor): Promise<Tensor> {
    using projected = conv2d(run.engine, s, this.projection);
    await run.step();
    using forward = await this.scan(run, s, projected, this.forward, 0, false);
    return await this.scan(run, s, projected, this.backward, aligned(this.rank) + 2 * STATES, true, forward);
  }

  /** One direction, in chunks of channels that reuse the same carries. */
  private async scan(
    run: Run,
    s: Tensor,
    projected: Tensor,
    { step, scan }: Direction,
    first: number,
    reverse: boolean,
    sum?: Tensor,
  ): Promise<Tensor> {
    const { engine } = run;
    const channels = s.shape[1];
    const dt = projected.channels(first, this.rank);
    const b = projected.channels(first + aligned(this.rank), STATES);
    const c = projected.channels(first + aligned(this.rank) + STATES, STATES);
    const y = engine.allocate(s.shape);
    try {
      const size = chunkChannels(s);
      for (let from = 0; from < channels; from += size) {
        const count = Math.min(size, channels - from);
        using delta = conv2d(engine, dt, step, { activation: 'softplus', range: [from, count] });
        selectiveScan(
          engine,
          { u: s.channels(from, count), delta, b, c, weights: scan },
          { reverse, sum: sum?.channels(from, count), firstQuad: from / 4, into: y.channels(from, count) },
        );
        await run.step();
      }
      return y;
    } catch (error) {
      y.dispose();
      throw error;
    }
  }
}

/** Channels to scan at once: all of them in equal chunks, as few as keep the carries within bounds. */
function chunkChannels({ shape: [n, , h, w], quads }: Tensor): number {
  const most = Math.max(1, Math.floor(CARRY_BYTES / (n * h * w * BYTES_PER_PIXEL_QUAD)));
  return 4 * ceilDiv(quads, ceilDiv(quads, most));
}
