/** Everybody who competes, by name. The first is the one whom all others are compared with. */
export const NAMES = [
  'engine',
  'engine f16',
  'engine 4 attachments',
  'tfjs webgl',
  'tfjs wasm',
  'tfjs webgpu',
  'onnx wasm',
  'onnx webgpu',
] as const;
export type Name = (typeof NAMES)[number];

/** The engine against itself: what its options cost or save. On drivers in software only where it is asked for. */
export const OPTIONS_OF_ENGINE: readonly Name[] = ['engine f16', 'engine 4 attachments'];

/** Whether a contender works on the graphics card, where there is one; of WebGPU, which may be in software all the same, one cannot be sure. */
export function worksOnCard(name: string): 'yes' | 'perhaps' | 'no' {
  if (name.endsWith('wasm')) return 'no';
  return name.endsWith('webgpu') ? 'perhaps' : 'yes';
}

/**
 * Who is measured on long work on drivers in software. WebGPU takes up to 60 times the engine's time there, WebAssembly up to seven times on
 * scans; short work shows how they compare.
 */
export const ON_LONG_WORK: readonly Name[] = ['engine', 'tfjs webgl'];
export const WITHOUT_WEBGPU: readonly Name[] = [...ON_LONG_WORK, 'tfjs wasm', 'onnx wasm'];
