/**
 * TensorFlow.js on its WebGL backend, as fast as its settings make it on drivers in software:
 *
 * - everything stays float32, packed (2 x 2 values a texel) and NHWC, as it prefers
 * - the bias is fused into the convolution, which saves 10 to 30 % of a 1x1
 * - a 3x3 convolution goes both its ways, unrolling the picture into a matrix (its default) and WEBGL_EXP_CONV
 * - WEBGL_USE_SHAPES_UNIFORMS stays off: on these drivers it makes a convolution slower by a third or more
 */
import '@tensorflow/tfjs-backend-cpu';
import type { MathBackendWebGL } from '@tensorflow/tfjs-backend-webgl';
import '@tensorflow/tfjs-backend-webgl';
import * as tf from '@tensorflow/tfjs-core';
import { type ScanParameters, scanDirections, scanTuned } from '../peers/tfjs_scan.ts';
import { permute } from '../permute.ts';
import type { ConvTask, Picture, ScanTask } from '../tasks.ts';
import { waitForPixel } from './completion.ts';
import type { Contender, Job, Output, Ways } from './contender.ts';

export async function openTfjsWebgl(): Promise<Contender> {
  // Without this tfjs takes no driver in software.
  tf.env().set('SOFTWARE_WEBGL_ENABLED', true);
  if (!(await tf.setBackend('webgl'))) throw new Error('tfjs has no WebGL backend here');
  const outputOf = outputs(tf.backend() as MathBackendWebGL);
  return {
    about: `TensorFlow.js ${tf.version_core} webgl, packed`,
    performs: {
      conv(task): Ways {
        const job = () => convJob(task, outputOf);
        if (task.kernel === 1) return { default: job };
        return { im2row: job, packed: () => withFlag('WEBGL_EXP_CONV', job()) };
      },
      scan: (task) => ({
        composed: () => scanJob(task, scanDirections, outputOf),
        tuned: () => scanJob(task, scanTuned, outputOf),
      }),
    },
  };
}

type OutputOf = (y: tf.Tensor4D) => Output;

/** Outputs whose runs are awaited on the texture that holds them, attached to a framebuffer of our own. */
function outputs(backend: MathBackendWebGL): OutputOf {
  const gl = backend.gpgpu.gl as WebGL2RenderingContext;
  const framebuffer = gl.createFramebuffer()!;
  return (y) => ({
    finish() {
      gl.bindFramebuffer(gl.FRAMEBUFFER, framebuffer);
      gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, backend.getTexture(y.dataId), 0);
      waitForPixel(gl, framebuffer);
    },
    read: async () => permute(await y.data(), y.shape, [0, 3, 1, 2]),
    dispose: () => y.dispose(),
  });
}

/** Runs a job with a flag switched on, which tfjs looks at in each operation. */
function withFlag(flag: string, { run, dispose }: Job): Job {
  return {
    run() {
      tf.env().set(flag, true);
      try {
        return run();
      } finally {
        tf.env().set(flag, false);
      }
    },
    dispose,
  };
}

// Tensors are made from values in the order in which they are used: the first operation then uploads them in the layout that it likes,
// in the warm-up, and no run converts them.

function convJob({ x, kernel, outChannels, weight, bias: biases }: ConvTask, outputOf: OutputOf): Job {
  const input = upload(x);
  const filter = tf.tensor4d(permute(weight, [outChannels, x.channels, kernel, kernel], [2, 3, 1, 0]), [
    kernel,
    kernel,
    x.channels,
    outChannels,
  ]);
  const bias = tf.tensor1d(biases);
  return {
    run: () => outputOf(tf.fused.conv2d({ x: input, filter, strides: 1, pad: 'same', bias })),
    dispose: () => tf.dispose([input, filter, bias]),
  };
}

function scanJob(task: ScanTask, scan: typeof scanDirections, outputOf: OutputOf): Job {
  const { states, rank } = task;
  const { channels, height, width } = task.x;
  const projected = rank + 2 * states;
  const input = upload(task.x);
  const tensors = {
    projection: tf.tensor3d(permute(task.projection, [projected, channels], [1, 0]), [1, channels, projected]),
    stepWeight: tf.tensor3d(permute(task.stepWeight, [channels, rank], [1, 0]), [1, rank, channels]),
    stepBias: tf.tensor3d(task.stepBias, [1, 1, channels]),
    decay: tf.tensor4d(task.decay, [1, 1, channels, states]),
    skip: tf.tensor3d(task.skip, [1, 1, channels]),
  };
  const parameters: ScanParameters = { directions: 1, channels, states, rank, ...tensors };
  const run = (): tf.Tensor4D =>
    tf.tidy(() => tf.reshape(scan(tf.reshape(input, [height * width, 1, channels]), parameters), input.shape));
  return { run: () => outputOf(run()), dispose: () => tf.dispose([input, ...Object.values(tensors)]) };
}

/** A picture as [1, height, width, channels]. */
function upload({ channels, height, width, values }: Picture): tf.Tensor4D {
  return tf.tensor4d(permute(values, [channels, height, width], [1, 2, 0]), [1, height, width, channels]);
}
