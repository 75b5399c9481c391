/** The 3x3 convolution from naive to final: README.md tells the story. */
import { type ConvParameters, conv2d, convWeights } from '../../../src/ops/conv2d.ts';
import { openDevice } from '../../../src/tensor/device.ts';
import { Engine } from '../../../src/tensor/engine.ts';
import { ceilDiv } from '../../../src/tensor/layout.ts';
import type { ShaderSource } from '../../../src/tensor/program.ts';
import type { Job, Ways } from '../../contenders/contender.ts';
import { upload } from '../../contenders/engine_tensors.ts';
import type { ConvLadderTask } from '../../tasks.ts';
import { stepJob } from '../step.ts';
import oneChannel from './1_one_channel.frag';
import oneTexel from './2_one_texel.frag';
import bricks from './3_4_bricks.frag';
import indexedArray from './6_indexed_array.frag';
import dotProducts from './7_dot_products.frag';
import { OneColumnEngine } from './one_column.ts';

/** Texels that a fragment of the longest step fetches for four input channels: draws are split by it. */
const MOST_FETCHES = 288;

/** The final kernel first: all are compared with it. A device with fewer than eight attachments lacks the step to eight. */
export function convSteps(gl: WebGL2RenderingContext, task: ConvLadderTask): Ways {
  const weights = weightsOf(task);
  const on = (attachments?: 8 | 4 | 1) => new Engine(openDevice(gl, { attachments }));
  return {
    '5 final': () => finalJob(on(), task, weights),
    '1 one channel': () => kernelJob(on(1), task, weights, oneChannel),
    '2 one texel': () => kernelJob(on(1), task, weights, oneTexel),
    '3 brick of 4': () => kernelJob(on(4), task, weights, bricks),
    ...(openDevice(gl).attachments === 8 && { '4 brick of 8': () => kernelJob(on(8), task, weights, bricks) }),
    '6 array': () => kernelJob(on(), task, weights, indexedArray),
    '7 dot': () => kernelJob(on(), task, blocksTransposed(weights), dotProducts),
    '8 one column': () => finalJob(new OneColumnEngine(openDevice(gl)), task, weights),
    '9 texelFetch': () => finalJob(new Engine(openDevice(gl, { fetch: 'texel' })), task, weights),
  };
}

function finalJob(engine: Engine, task: ConvLadderTask, parameters: ConvParameters): Job {
  const x = upload(engine, task.x);
  const weights = convWeights(engine, parameters);
  return stepJob(engine, [x, weights], () => conv2d(engine, x, weights));
}

function kernelJob(engine: Engine, task: ConvLadderTask, parameters: ConvParameters, shader: ShaderSource): Job {
  const x = upload(engine, task.x);
  const weights = convWeights(engine, parameters);
  const { height, width } = task.x;
  return stepJob(engine, [x, weights], () => {
    const y = engine.allocate([1, task.outChannels, height, width]);
    engine.draw({ shader }, y, { x, weights: weights.texels, x_quads: x.quads }, MOST_FETCHES * x.quads);
    return y;
  });
}

function weightsOf({ weight, outChannels, x, bias }: ConvLadderTask): ConvParameters {
  return { weight, shape: [outChannels, x.channels, 3, 3], bias };
}

/** The same with rows and columns exchanged in each block of four output and four input channels; what is missing there is zero. */
function blocksTransposed({ weight, shape: [out, inputs], bias }: ConvParameters): ConvParameters {
  const [rows, columns] = [4 * ceilDiv(out, 4), 4 * ceilDiv(inputs, 4)];
  const transposed = new Float32Array(rows * columns * 9);
  for (let o = 0; o < out; o++) {
    for (let i = 0; i < inputs; i++) {
      const row = o - (o % 4) + (i % 4);
      const column = i - (i % 4) + (o % 4);
      for (let tap = 0; tap < 9; tap++)
        transposed[(row * columns + column) * 9 + tap] = weight[(o * inputs + i) * 9 + tap];
    }
  }
  const padded = new Float32Array(rows);
  padded.set(bias!);
  return { weight: transposed, shape: [rows, columns, 3, 3], bias: padded };
}
