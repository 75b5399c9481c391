/**
 * The WebGL backend of TensorFlow.js, as fast as its settings make it on drivers in software:
 *
 * - packed (2 x 2 values a texel), which is its default
 * - a 3x3 convolution goes both its ways, unrolling the picture into a matrix (its default) and WEBGL_EXP_CONV
 * - WEBGL_USE_SHAPES_UNIFORMS, with which programs are fewer, is a way of its own for networks: it makes the first result sooner on SwiftShader,
 *   and on these drivers a convolution slower by a third or more
 *
 * Compiling all programs side by side before the first run (ENGINE_COMPILE_ONLY) made no first result sooner on either.
 */
import '@tensorflow/tfjs-backend-cpu';
import type { MathBackendWebGL } from '@tensorflow/tfjs-backend-webgl';
import '@tensorflow/tfjs-backend-webgl';
import * as tf from '@tensorflow/tfjs-core';
import { waitForPixel } from './completion.ts';
import type { Contender, Job, Ways } from './contender.ts';
import { gpuTimer } from './gpu_timer.ts';
import { type Backend, performs } from './tfjs.ts';

export async function openTfjsWebgl(): Promise<Contender> {
  // Without this tfjs takes no driver in software.
  tf.env().set('SOFTWARE_WEBGL_ENABLED', true);
  if (!(await tf.setBackend('webgl'))) throw new Error('tfjs has no WebGL backend here');
  const webgl = tf.backend() as MathBackendWebGL;
  const gl = webgl.gpgpu.gl as WebGL2RenderingContext;
  const all = performs(backendOf(webgl, gl));
  return {
    about: `TensorFlow.js ${tf.version_core}, WebGL backend, packed`,
    timer: gpuTimer(gl),
    performs: {
      ...all,
      conv(task): Ways {
        if (task.kernel === 1) return all.conv(task);
        const job = all.conv(task).default;
        return { im2row: job, packed: async () => withFlag('WEBGL_EXP_CONV', await job()) };
      },
      network(task): Ways {
        const ways = all.network(task);
        return { ...ways, uniforms: async () => withFlag('WEBGL_USE_SHAPES_UNIFORMS', await ways.tuned()) };
      },
    },
  };
}

function backendOf(webgl: MathBackendWebGL, gl: WebGL2RenderingContext): Backend {
  const framebuffer = gl.createFramebuffer()!;
  return {
    /** Waits for the texture that holds the output, attached to a framebuffer of our own. */
    finish(y) {
      gl.bindFramebuffer(gl.FRAMEBUFFER, framebuffer);
      gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, webgl.getTexture(y.dataId), 0);
      waitForPixel(gl, framebuffer);
    },
    values: (y) => y.dataSync() as Float32Array,
    /** Textures are kept for the next tensor and never freed; what is still in use between runs are weights and inputs. */
    peakBytes() {
      const { numBytesInGPUAllocated, numBytesInGPU } = webgl.memory() as ReturnType<MathBackendWebGL['memory']> & {
        numBytesInGPUAllocated: number;
      };
      return numBytesInGPUAllocated - numBytesInGPU;
    },
  };
}

/** Runs a job with a flag switched on, which tfjs looks at in each operation. */
function withFlag(flag: string, job: Job): Job {
  return {
    ...job,
    run() {
      tf.env().set(flag, true);
      try {
        return job.run();
      } finally {
        tf.env().set(flag, false);
      }
    },
  };
}
