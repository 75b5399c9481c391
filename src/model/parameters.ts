/** From parameters to packed weights. */
import { type ChannelScanParameters, type ChannelScanWeights, channelScanWeights } from '../ops/channel_scan.ts';
import { type ConvParameters, type ConvWeights, convWeights, type NormParameters } from '../ops/conv2d.ts';
import { type DepthwiseWeights, depthwiseWeights } from '../ops/depthwise.ts';
import { layerNormWeights, type NormWeights } from '../ops/layer_norm.ts';
import { type ScanWeights, scanWeights } from '../ops/scan.ts';
import type { Engine } from '../tensor/engine.ts';
import { InputError } from '../tensor/errors.ts';
import type { Parameter } from './checkpoint.ts';

/** Reads parameters below a prefix, and puts every weight that it packs among those that its maker will dispose. */
export class Parameters {
  constructor(
    private readonly engine: Engine,
    private readonly named: ReadonlyMap<string, Parameter>,
    private readonly owned: { dispose(): void }[],
    private readonly prefix = '',
  ) {}

  below(name: string): Parameters {
    return new Parameters(this.engine, this.named, this.owned, `${this.prefix}${name}.`);
  }

  has(name: string): boolean {
    return this.named.has(this.prefix + name);
  }

  values(name: string): Float32Array {
    return this.parameter(name).values;
  }

  shape(name: string): readonly number[] {
    return this.parameter(name).shape;
  }

  /** The convolution `name`.weight with `name`.bias if there is one. */
  conv(name: string, options: Pick<ConvParameters, 'parts' | 'norm'> = {}): ConvWeights {
    return this.packConv({
      weight: this.values(`${name}.weight`),
      shape: this.shape(`${name}.weight`),
      bias: this.bias(name),
      ...options,
    });
  }

  packConv(parameters: ConvParameters): ConvWeights {
    return this.own(convWeights(this.engine, parameters));
  }

  depthwise(name: string, parts?: readonly number[]): DepthwiseWeights {
    return this.own(
      depthwiseWeights(this.engine, { weight: this.values(`${name}.weight`), bias: this.bias(name), parts }),
    );
  }

  /** The values of the norm `name`.body, to be folded or packed. */
  normValues(name: string): NormParameters {
    return { weight: this.values(`${name}.body.weight`), bias: this.bias(`${name}.body`) };
  }

  /** @param epsilon added to the variance, the usual unless told */
  norm(name: string, epsilon?: number): NormWeights {
    return this.own(layerNormWeights(this.engine, this.normValues(name), epsilon));
  }

  scan(a: ArrayLike<number>, d: ArrayLike<number>, directions: 1 | 2): ScanWeights {
    return this.own(scanWeights(this.engine, a, d, directions));
  }

  channelScan(parameters: ChannelScanParameters): ChannelScanWeights {
    return this.own(channelScanWeights(this.engine, parameters));
  }

  private parameter(name: string): Parameter {
    const parameter = this.named.get(this.prefix + name);
    if (!parameter) throw new InputError(`The checkpoint has no ${this.prefix}${name}.`);
    return parameter;
  }

  private bias(name: string): Float32Array | undefined {
    return this.has(`${name}.bias`) ? this.values(`${name}.bias`) : undefined;
  }

  private own<T extends { dispose(): void }>(weights: T): T {
    this.owned.push(weights);
    return weights;
  }
}
