import type { Contender } from './contender.ts';
import type { Name } from './names.ts';

/** Each is a module of its own that is loaded when it is asked for: nobody waits for the scripts of others. */
const openers: Record<Name, () => Promise<Contender>> = {
  engine: async () => (await import('./engine.ts')).openEngine(),
  'engine f16': async () => (await import('./engine.ts')).openEngine({ precision: 'f16' }),
  'engine 4 attachments': async () => (await import('./engine.ts')).openEngine({ attachments: 4 }),
  'tfjs webgl': async () => (await import('./tfjs_webgl.ts')).openTfjsWebgl(),
  'tfjs wasm': async () => (await import('./tfjs_wasm.ts')).openTfjsWasm(),
  'tfjs webgpu': async () => (await import('./tfjs_webgpu.ts')).openTfjsWebgpu(),
  'onnx wasm': async () => (await import('./onnx_wasm.ts')).openOnnxWasm(),
  'onnx webgpu': async () => (await import('./onnx_webgpu.ts')).openOnnxWebgpu(),
};

/** @throws saying why it cannot run here. */
export function openContender(name: Name): Promise<Contender> {
  return openers[name]();
}
