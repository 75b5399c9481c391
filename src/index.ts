/** The public interface: an engine with its operations, and image restoration on top of it. */

export type { Config, Variant } from './model/config.ts';
export {
  type ChannelScanParameters,
  type ChannelScanWeights,
  channelScan,
  channelScanWeights,
} from './ops/channel_scan.ts';
export {
  type ConvOptions,
  type ConvParameters,
  type ConvWeights,
  conv2d,
  convWeights,
  type NormParameters,
} from './ops/conv2d.ts';
export {
  type DepthwiseOptions,
  type DepthwiseParameters,
  type DepthwiseWeights,
  depthwiseConv2d,
  depthwiseWeights,
} from './ops/depthwise.ts';
export { add, gelu, multiply, silu, softplus } from './ops/elementwise.ts';
export { globalMean } from './ops/global_mean.ts';
export { layerNorm, layerNormStats, layerNormWeights, type NormWeights } from './ops/layer_norm.ts';
export { concat, pixelShuffle, pixelUnshuffle, transpose, upsampleNearest } from './ops/rearrange.ts';
export {
  type ScanInputs,
  type ScanOptions,
  type ScanOrder,
  type ScanWeights,
  scanWeights,
  selectiveScan,
} from './ops/scan.ts';
export { channelsBothWays, stepSizes } from './ops/step_sizes.ts';
export type { ImagePair, ImageSource } from './restore/image.ts';
export { type LoadOptions, load } from './restore/load.ts';
export { Model, type Plan, type RestoreOptions } from './restore/model.ts';
export type { WeightsSource } from './restore/source.ts';
export type { Progress } from './restore/watch.ts';
export { createEngine, type Engine, type EngineOptions } from './tensor/engine.ts';
export { DeviceError, InputError, KernelError, SizeError } from './tensor/errors.ts';
export type { Shape } from './tensor/layout.ts';
export type { Memory } from './tensor/pool.ts';
export type { Tensor } from './tensor/tensor.ts';
