/** The WebGPU backend of TensorFlow.js, with its defaults, where the browser has WebGPU. */
import '@tensorflow/tfjs-backend-cpu';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import '@tensorflow/tfjs-backend-webgpu';
import * as tf from '@tensorflow/tfjs-core';
import type { Contender } from './contender.ts';
import { type Backend, performs } from './tfjs.ts';
import { requireWebGpu } from './webgpu.ts';

export async function openTfjsWebgpu(): Promise<Contender> {
  const adapter = await requireWebGpu();
  if (!(await tf.setBackend('webgpu'))) throw new Error('tfjs has no WebGPU backend here');
  const backend = backendOf(tf.backend() as WebGPUBackend);
  return {
    about: `TensorFlow.js ${tf.version_core}, WebGPU backend, on ${adapter}`,
    performs: performs(backend),
  };
}

function backendOf(webgpu: WebGPUBackend): Backend {
  return {
    async finish() {
      // What it has collected so far, which may be nothing.
      webgpu.ensureCommandEncoderReady();
      webgpu.endComputePassEncoder();
      webgpu.submitQueue();
      await webgpu.device.queue.onSubmittedWorkDone();
    },
    values: async (y) => (await y.data()) as Float32Array,
    /** Buffers are kept for the next tensor; what is still in use between runs are weights and inputs. */
    peakBytes() {
      const { numBytesAllocatedInGPU, numBytesInGPU } = webgpu.memory() as unknown as Record<string, number>;
      return numBytesAllocatedInGPU - numBytesInGPU;
    },
  };
}
