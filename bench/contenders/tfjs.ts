/** TensorFlow.js, whatever the backend: float32, NHWC, biases fused into the convolutions. */
import * as tf from '@tensorflow/tfjs-core';
import { inMemory } from '../../src/model/bytes.ts';
import { readCheckpoint } from '../../src/model/formats.ts';
import { conv, depthwise, gelu, halves, type Keep, type Layer, Layers, layerNorm } from '../peers/tfjs_layers.ts';
import { attention, fourWays, network } from '../peers/tfjs_network.ts';
import { composedScan, type ScanWay, tunedScan } from '../peers/tfjs_scan.ts';
import { permute } from '../permute.ts';
import { interleaved } from '../pixels.ts';
import type {
  AttentionTask,
  ConvTask,
  GateTask,
  LadderTask,
  NetworkTask,
  NormConvTask,
  Picture,
  ScanTask,
} from '../tasks.ts';
import type { Job, Output, Performs, Ways } from './contender.ts';

/** What depends on the backend. */
export interface Backend {
  /** Resolves when the tensor's values are there, on the device. */
  finish(y: tf.Tensor): void | Promise<void>;
  /** The values of a tensor, by the fastest way that the backend has. */
  values(y: tf.Tensor): Float32Array | Promise<Float32Array>;
  /** Most bytes on the GPU so far, weights apart, where there is one. */
  peakBytes?(): number;
}

/** What every backend does: all but the ladders, which are the engine's own. */
export function performs(backend: Backend): Required<Omit<Performs, LadderTask['kind']>> {
  const ways = (job: (way: ScanWay) => Job | Promise<Job>): Ways => ({
    tuned: () => job(tunedScan),
    composed: () => job(composedScan),
  });
  return {
    conv: (task) => ({ default: () => convJob(backend, task) }),
    'norm and conv': (task) => ({ separate: () => normConvJob(backend, task) }),
    gate: (task) => ({ separate: () => gateJob(backend, task) }),
    scan: (task) => ways((way) => scanJob(backend, task, way)),
    attention: (task) => ways((way) => attentionJob(backend, task, way)),
    network: (task) => ways((way) => networkJob(backend, task, way)),
  };
}

// Tensors are made from values in the order in which they are used: the first operation then uploads them in the layout that it likes,
// in the warm-up, and no run converts them.

function convJob(backend: Backend, task: ConvTask): Job {
  return layerJob(backend, task.x, (keep) => convolution(task, keep));
}

function normConvJob(backend: Backend, task: NormConvTask): Job {
  return layerJob(backend, task.x, (keep) => {
    const norm = layerNorm(task.normWeight, task.normBias, keep);
    const then = convolution(task, keep);
    return (x) => then(norm(x));
  });
}

function convolution({ weight, outChannels, x, kernel, bias }: Omit<ConvTask, 'kind'>, keep: Keep): Layer {
  return conv(weight, [outChannels, x.channels, kernel, kernel], bias, keep);
}

function gateJob(backend: Backend, { x, weight }: GateTask): Job {
  return layerJob(backend, x, (keep) => {
    const mix = depthwise(weight, undefined, keep);
    return (input) => {
      const [a, b] = halves(mix(input));
      return tf.mul(gelu(a), b);
    };
  });
}

function scanJob(backend: Backend, { x: { height, width }, x, weights }: ScanTask, way: ScanWay): Job {
  return layerJob(backend, x, (keep) => {
    const scan = way(weights, keep);
    const { channels } = weights;
    if (weights.directions === 4) return (input) => fourWays(input, scan);
    return (input) => tf.reshape(scan([tf.reshape(input, [height * width, channels])])[0], input.shape);
  });
}

async function attentionJob(backend: Backend, { x, weights }: AttentionTask, way: ScanWay): Promise<Job> {
  const checkpoint = await readCheckpoint(inMemory(new Uint8Array(weights)));
  const named = await checkpoint.read();
  return layerJob(backend, x, (keep) => attention(new Layers(named, keep), { variant: 'derain' }, way));
}

/** From a picture in memory to values in memory. */
async function networkJob(backend: Backend, task: NetworkTask, way: ScanWay): Promise<Job> {
  const { owned, keep } = keeper();
  const run = await network(await readCheckpoint(inMemory(new Uint8Array(await task.weights()))), way, keep);
  const { width, height } = task.image;
  const pixels = interleaved(task.image);
  return {
    async run() {
      const y = tf.tidy(() => run(tf.tensor4d(pixels, [1, height, width, 3])));
      const values = await backend.values(y);
      const { shape } = y;
      y.dispose();
      return { finish() {}, read: () => permute(values, shape, [0, 3, 1, 2]), dispose() {} };
    },
    readsBack: true,
    peakBytes: backend.peakBytes,
    dispose: () => tf.dispose(owned),
  };
}

/** A layer run on a picture that is uploaded before. */
function layerJob(backend: Backend, x: Picture, make: (keep: Keep) => Layer): Job {
  const { owned, keep } = keeper();
  const input = keep(upload(x));
  const layer = make(keep);
  return {
    run: () =>
      outputOf(
        backend,
        tf.tidy(() => layer(input)),
      ),
    peakBytes: backend.peakBytes,
    dispose: () => tf.dispose(owned),
  };
}

function keeper(): { owned: tf.Tensor[]; keep: Keep } {
  const owned: tf.Tensor[] = [];
  const keep: Keep = (tensor) => {
    owned.push(tensor);
    return tensor;
  };
  return { owned, keep };
}

function outputOf(backend: Backend, y: tf.Tensor4D): Output {
  return {
    finish: () => backend.finish(y),
    read: async () => permute(await y.data(), y.shape, [0, 3, 1, 2]),
    dispose: () => y.dispose(),
  };
}

/** A picture as [1, height, width, channels]. */
function upload({ channels, height, width, values }: Picture): tf.Tensor4D {
  return tf.tensor4d(permute(values, [channels, height, width], [1, 2, 0]), [1, height, width, channels]);
}
