/** This project's engine. */
import {
  type ConvParameters,
  conv2d,
  convWeights,
  createEngine,
  type Engine,
  scanWeights,
  selectiveScan,
  type Tensor,
} from '../../src/index.ts';
import type { ConvTask, Picture, ScanTask } from '../tasks.ts';
import { waitForPixel } from './completion.ts';
import type { Contender, Job, Output } from './contender.ts';

export async function openEngine(): Promise<Contender> {
  const engine = await createEngine();
  return {
    about: 'this project, float32',
    attachments: engine.format.attachments,
    performs: {
      conv: (task) => ({ default: () => convJob(engine, task) }),
      scan: (task) => ({ default: () => scanJob(engine, task) }),
    },
  };
}

function convJob(engine: Engine, task: ConvTask): Job {
  const x = upload(engine, task.x);
  const weights = convWeights(engine, {
    weight: task.weight,
    shape: [task.outChannels, task.x.channels, task.kernel, task.kernel],
    bias: task.bias,
  });
  return job(engine, [x, weights], () => conv2d(engine, x, weights));
}

function scanJob(engine: Engine, task: ScanTask): Job {
  const { x: picture, states, rank } = task;
  const { channels } = picture;
  const x = upload(engine, picture);
  const matrix = (weight: Float32Array, out: number, inputs: number, more: Partial<ConvParameters>) =>
    convWeights(engine, { weight, shape: [out, inputs, 1, 1], ...more });
  const projection = matrix(task.projection, rank + 2 * states, channels, { parts: [rank, states, states] });
  const step = matrix(task.stepWeight, channels, rank, { bias: task.stepBias });
  const weights = scanWeights(engine, task.decay, task.skip);
  // Parts begin at whole quads.
  const firstB = 4 * Math.ceil(rank / 4);
  return job(engine, [x, projection, step, weights], () => {
    using projected = conv2d(engine, x, projection);
    const b = projected.channels(firstB, states);
    const c = projected.channels(firstB + states, states);
    using delta = conv2d(engine, projected.channels(0, rank), step, { activation: 'softplus' });
    return selectiveScan(engine, { u: x, delta, b, c, weights });
  });
}

function job(engine: Engine, owned: readonly { dispose(): void }[], run: () => Tensor): Job {
  return {
    run: () => outputOf(engine, run()),
    dispose: () => {
      for (const each of owned) each.dispose();
    },
  };
}

function outputOf(engine: Engine, y: Tensor): Output {
  return {
    finish: () => waitForPixel(engine.gl, y.storage.framebuffer),
    read: () => y.read(),
    dispose: () => y.dispose(),
  };
}

function upload(engine: Engine, { channels, height, width, values }: Picture): Tensor {
  return engine.tensor(values, [1, channels, height, width]);
}
