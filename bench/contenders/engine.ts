/** This project's engine. */
import {
  type ConvParameters,
  conv2d,
  convWeights,
  createEngine,
  depthwiseConv2d,
  depthwiseWeights,
  type Engine,
  type EngineOptions,
  layerNormStats,
  load,
  type Model,
  scanWeights,
  selectiveScan,
  stepSizes,
  type Tensor,
  transpose,
} from '../../src/index.ts';
import { inMemory } from '../../src/model/bytes.ts';
import type { Parameter } from '../../src/model/checkpoint.ts';
import { Directions } from '../../src/model/directions.ts';
import { readCheckpoint } from '../../src/model/formats.ts';
import { type Network, SIZE_MULTIPLE } from '../../src/model/network.ts';
import { Oss } from '../../src/model/oss.ts';
import { Parameters } from '../../src/model/parameters.ts';
import { Run } from '../../src/model/run.ts';
import { paddedSize } from '../../src/restore/image.ts';
import type { Recorder } from '../../src/tensor/recorder.ts';
import { convSteps } from '../ladder/conv3x3/steps.ts';
import { scanSteps } from '../ladder/scan/steps.ts';
import { measureLimits } from '../limits/limits.ts';
import { WorkCounter } from '../limits/work.ts';
import type { Work } from '../results.ts';
import type {
  AttentionTask,
  ConvLadderTask,
  ConvTask,
  GateTask,
  NetworkTask,
  NormConvTask,
  Picture,
  ScanLadderTask,
  ScanTask,
  ScanWeights,
} from '../tasks.ts';
import type { Contender, Job } from './contender.ts';
import { outputOf, upload } from './engine_tensors.ts';
import { gpuTimer } from './gpu_timer.ts';

export async function openEngine(options?: EngineOptions): Promise<Contender> {
  const engine = await createEngine(undefined, options);
  const { attachments, precision } = engine.format;
  return {
    about: `this project, ${precision}, ${attachments} attachments`,
    attachments,
    timer: gpuTimer(engine.gl),
    limits: (before) => measureLimits(engine.gl, { attachments, fetch: options?.fetch }, { before }),
    performs: {
      conv: (task) => ({ default: () => convJob(engine, task) }),
      'norm and conv': (task) => ({ fused: () => normConvJob(engine, task) }),
      gate: (task) => ({ fused: () => gateJob(engine, task) }),
      scan: (task) => ({ default: () => (task.weights.directions === 1 ? scanJob : fourWaysJob)(engine, task) }),
      attention: (task) => ({ default: () => attentionJob(engine, task) }),
      network: (task) => ({ default: () => networkJob(engine, task) }),
      // The steps choose their attachments themselves.
      ...(!options && {
        'conv ladder': (task: ConvLadderTask) => convSteps(engine.gl, task),
        'scan ladder': (task: ScanLadderTask) => scanSteps(engine.gl, task),
      }),
    },
  };
}

function convJob(engine: Engine, task: ConvTask): Job {
  const x = upload(engine, task.x);
  const weights = convWeights(engine, convParameters(task));
  return job(engine, [x, weights], (on) => conv2d(on, x, weights));
}

function convParameters({ weight, outChannels, x, kernel, bias }: Omit<ConvTask, 'kind'>): ConvParameters {
  return { weight, shape: [outChannels, x.channels, kernel, kernel], bias };
}

function normConvJob(engine: Engine, task: NormConvTask): Job {
  const x = upload(engine, task.x);
  const norm = { weight: task.normWeight, bias: task.normBias };
  const weights = convWeights(engine, { ...convParameters(task), norm });
  return job(engine, [x, weights], (on) => {
    using stats = layerNormStats(on, x);
    return conv2d(on, x, weights, { stats });
  });
}

function gateJob(engine: Engine, { x: picture, weight }: GateTask): Job {
  const half = picture.channels / 2;
  const x = upload(engine, quadAligned(picture, half));
  const weights = depthwiseWeights(engine, { weight, parts: [half, half] });
  return job(engine, [x, weights], (on) => depthwiseConv2d(on, x, weights, { activation: 'gelu-gate' }));
}

/** Both halves of the channels with the second at a quad of its own, as the convolution before leaves them. */
function quadAligned({ channels, height, width, values }: Picture, half: number): Picture {
  const begin = 4 * Math.ceil(half / 4);
  const aligned = new Float32Array((begin + channels - half) * height * width);
  aligned.set(values.subarray(0, half * height * width));
  aligned.set(values.subarray(half * height * width), begin * height * width);
  return { channels: begin + channels - half, height, width, values: aligned };
}

function scanJob(engine: Engine, { x: picture, weights }: ScanTask): Job {
  const { channels, states, rank } = weights;
  const x = upload(engine, picture);
  const matrix = (weight: Float32Array, out: number, inputs: number, more: Partial<ConvParameters>) =>
    convWeights(engine, { weight, shape: [out, inputs, 1, 1], ...more });
  const projection = matrix(weights.projection, rank + 2 * states, channels, { parts: [rank, states, states] });
  const step = matrix(weights.stepWeight, channels, rank, { bias: weights.stepBias });
  const scan = scanWeights(engine, weights.decay, weights.skip);
  // Parts begin at whole quads.
  const firstB = 4 * Math.ceil(rank / 4);
  return job(engine, [x, projection, step, scan], (on) => {
    using projected = conv2d(on, x, projection);
    const b = projected.channels(firstB, states);
    const c = projected.channels(firstB + states, states);
    using delta = stepSizes(on, projected.channels(0, rank), step);
    return selectiveScan(on, { u: x, delta, b, c, weights: scan });
  });
}

/** As in the network: rows forward and backward, then the columns as rows of the transposed picture. */
function fourWaysJob(engine: Engine, { x: picture, weights }: ScanTask): Job {
  const x = upload(engine, picture);
  const owned: { dispose(): void }[] = [x];
  const parameters = new Parameters(engine, scanParameters(weights), owned);
  const rows = new Directions(parameters, { forward: 0, backward: 2, scale: 1 });
  const columns = new Directions(parameters, { forward: 1, backward: 3, scale: 1 });
  return job(engine, owned, async (on) => {
    const run = new Run(on);
    run.sizeParts([1, 2 * weights.channels, picture.height, picture.width]); // as on a network's first level
    using alongRows = await rows.run(run, x);
    using turned = transpose(on, x);
    using alongColumns = await columns.run(run, turned);
    return transpose(on, alongColumns, alongRows);
  });
}

/** The scan's weights as parameters of a network. */
function scanParameters({
  directions: d,
  channels: c,
  states,
  rank,
  ...values
}: ScanWeights): ReadonlyMap<string, Parameter> {
  const decayLogs = values.decay.map((a) => Math.log(-a));
  return new Map([
    ['x_proj_weight', { shape: [d, rank + 2 * states, c], values: values.projection }],
    ['dt_projs_weight', { shape: [d, c, rank], values: values.stepWeight }],
    ['dt_projs_bias', { shape: [d, c], values: values.stepBias }],
    ['A_logs', { shape: [d * c, states], values: decayLogs }],
    ['Ds', { shape: [d * c], values: values.skip }],
  ]);
}

async function attentionJob(engine: Engine, { x: picture, weights, widest }: AttentionTask): Promise<Job> {
  const checkpoint = await readCheckpoint(inMemory(new Uint8Array(weights)));
  const named = await checkpoint.read();
  const x = upload(engine, picture);
  const owned: { dispose(): void }[] = [x];
  const parameters = new Parameters(engine, named, owned);
  const oss = new Oss(parameters.below('attn'), parameters.normValues('norm1'), 'derain');
  return job(engine, owned, async (on) => {
    const run = new Run(on);
    run.sizeParts(widest);
    using stats = layerNormStats(on, x);
    return await oss.run(run, x, stats, 'attn');
  });
}

/** As an application uses it. */
async function networkJob(engine: Engine, { image, weights }: NetworkTask): Promise<Job> {
  const model = await load(await weights(), { engine });
  return {
    async run() {
      const { data } = await model.restoreTensor(image);
      return { finish() {}, read: () => data, dispose() {} };
    },
    readsBack: true,
    peakBytes: () => engine.memory.peak,
    work: () => networkWork(model, image),
    dispose: () => model.dispose(),
  };
}

/** The work of the network itself, without what brings a picture in and out. */
async function networkWork(model: Model, { width, height }: ImageData): Promise<Work> {
  // No application needs a model's network, so it is private.
  const { network } = model as unknown as { readonly network: Network };
  const counter = new WorkCounter(model.engine.format);
  const [h, w] = paddedSize(width, height, SIZE_MULTIPLE);
  using x = counter.allocate([1, network.config.inChannels, h, w]);
  using _output = await network.run(new Run(counter), x);
  return counter.work;
}

/** @param run does it on the engine, or on what counts its work */
function job(
  engine: Engine,
  owned: readonly { dispose(): void }[],
  run: (on: Recorder) => Tensor | Promise<Tensor>,
): Job {
  return {
    run: async () => outputOf(engine, await run(engine)),
    work: async () => {
      const counter = new WorkCounter(engine.format);
      using _output = await run(counter);
      return counter.work;
    },
    dispose: () => {
      for (const each of owned) each.dispose();
    },
  };
}
