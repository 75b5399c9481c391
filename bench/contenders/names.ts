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

/** Who is measured on long work on drivers in software: WebGPU takes about 50 times the engine's time there, minutes a case. */
export const FAST_IN_SOFTWARE: readonly Name[] = ['engine', 'tfjs webgl', 'tfjs wasm'];
