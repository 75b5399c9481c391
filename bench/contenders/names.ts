/** Everybody who competes, by name. The first is the one whom all others are compared with. */
export const NAMES = ['engine', 'tfjs webgl', 'tfjs wasm', 'tfjs webgpu', 'onnx wasm', 'onnx webgpu'] as const;
export type Name = (typeof NAMES)[number];
