/** ONNX Runtime Web on the processor, with SIMD and threads: for these the page has to be isolated. */
import * as ort from 'onnxruntime-web/wasm';
import { vendorFolder } from '../places.ts';
import type { Contender } from './contender.ts';
import { networkWays } from './onnx.ts';

const MOST_THREADS = 4;

export async function openOnnxWasm(): Promise<Contender> {
  ort.env.wasm.wasmPaths = vendorFolder();
  // Its default is half of the processors, and four at most. Here it has all of them, up to the same four.
  const threads = globalThis.crossOriginIsolated ? Math.min(MOST_THREADS, navigator.hardwareConcurrency) : 1;
  ort.env.wasm.numThreads = threads;
  return {
    about: `ONNX Runtime Web ${ort.env.versions.web}, WebAssembly, SIMD, threads: ${threads}`,
    performs: {
      network: (task) => networkWays(ort, task, { executionProviders: ['wasm'], graphOptimizationLevel: 'all' }),
    },
  };
}
