/** What the benchmark is made of, as it is served to a page: paths are relative to the page's folder. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleModules } from '../tools/bundle.ts';
import { root } from '../tools/root.ts';
import type { Content } from '../tools/serve.ts';

/** Scripts: bench/host.js exports `runBenchmark` for pages that do not bundle it, bench/worker.js is what it starts. */
const SCRIPTS = { 'bench/host': 'bench/host.ts', 'bench/worker': 'bench/worker.ts' };

/** Files as they are, by where they are in the project. */
const COPIES: Readonly<Record<string, string>> = {
  'weights/derain-tiny.safetensors': 'weights/derain-tiny.safetensors',
  'weights/sr-tiny.safetensors': 'weights/sr-tiny.safetensors',
  'bench/peers/derain-tiny-64.onnx.gz': 'bench/peers/derain-tiny-64.onnx.gz',
  ...vendor('@tensorflow/tfjs-backend-wasm/wasm-out', [
    'tfjs-backend-wasm.wasm',
    'tfjs-backend-wasm-simd.wasm',
    'tfjs-backend-wasm-threaded-simd.wasm',
  ]),
  ...vendor('onnxruntime-web/dist', [
    'ort-wasm-simd-threaded.mjs',
    'ort-wasm-simd-threaded.wasm',
    'ort-wasm-simd-threaded.asyncify.mjs',
    'ort-wasm-simd-threaded.asyncify.wasm',
  ]),
};

export async function benchmarkFiles(options?: Parameters<typeof bundleModules>[1]): Promise<Map<string, Content>> {
  const scripts = bundleModules(SCRIPTS, options);
  const copies = Object.entries(COPIES).map(async ([path, from]) => [path, await readFile(join(root, from))] as const);
  return new Map<string, Content>([...(await scripts), ...(await Promise.all(copies))]);
}

/** Files of a package, side by side in one folder. */
function vendor(folder: string, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [`bench/vendor/${name}`, `node_modules/${folder}/${name}`]));
}
