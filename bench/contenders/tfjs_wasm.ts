/**
 * The WebAssembly backend of TensorFlow.js, with SIMD and as many threads as there are processors, up to the eight that it takes at most: the
 * page has to be isolated.
 */
import { getThreadsCount, setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { vendorFolder } from '../places.ts';
import type { Contender } from './contender.ts';
import { type Backend, performs } from './tfjs.ts';

export async function openTfjsWasm(): Promise<Contender> {
  const processors = navigator.hardwareConcurrency;
  // It takes half of the processors at most; it is told of twice as many.
  Object.defineProperty(navigator, 'hardwareConcurrency', { value: 2 * processors });
  setThreadsCount(processors);
  setWasmPaths(vendorFolder());
  if (!(await tf.setBackend('wasm'))) throw new Error('tfjs has no WebAssembly backend here');
  const simd = (await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT')) ? 'SIMD' : 'no SIMD';
  return {
    about: `TensorFlow.js ${tf.version_core}, WebAssembly backend, ${simd}, threads: ${threadsCount()}`,
    performs: performs(backend),
  };
}

/** Its operations have run when they return. */
const backend: Backend = {
  finish() {},
  values: (y) => y.dataSync() as Float32Array,
};

function threadsCount(): number {
  return globalThis.crossOriginIsolated ? getThreadsCount() : 1;
}
