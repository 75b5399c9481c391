/** ONNX Runtime Web on WebGPU, where the browser has it. */
import * as ort from 'onnxruntime-web/webgpu';
import { vendorFolder } from '../places.ts';
import type { Contender } from './contender.ts';
import { networkWays } from './onnx.ts';
import { requireWebGpu } from './webgpu.ts';

export async function openOnnxWebgpu(): Promise<Contender> {
  const adapter = await requireWebGpu();
  ort.env.wasm.wasmPaths = vendorFolder();
  return {
    about: `ONNX Runtime Web ${ort.env.versions.web}, WebGPU, on ${adapter}`,
    performs: {
      network: (task) => networkWays(ort, task, { executionProviders: ['webgpu'], graphOptimizationLevel: 'all' }),
    },
  };
}
