/** ONNX Runtime Web on the processor, with SIMD and as many threads as there are processors: the page has to be isolated. */
import * as ort from 'onnxruntime-web/wasm';
import { vendorFolder } from '../places.ts';
import type { Contender } from './contender.ts';
import { networkWays } from './onnx.ts';

export async function openOnnxWasm(): Promise<Contender> {
  ort.env.wasm.wasmPaths = vendorFolder();
  // Its default is half of them.
  const threads = globalThis.crossOriginIsolated ? navigator.hardwareConcurrency : 1;
  ort.env.wasm.numThreads = threads;
  return {
    about: `ONNX Runtime Web ${ort.env.versions.web}, WebAssembly, SIMD, threads: ${threads}`,
    performs: {
      network: (task) => networkWays(ort, task, { executionProviders: ['wasm'], graphOptimizationLevel: 'all' }),
    },
  };
}
