/** What goes into the engine, and what comes out of it. */
import type { Engine } from '../../src/tensor/engine.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import type { Picture } from '../tasks.ts';
import { waitForPixel } from './completion.ts';
import type { Output } from './contender.ts';

export function upload(engine: Engine, { channels, height, width, values }: Picture): Tensor {
  return engine.tensor(values, [1, channels, height, width]);
}

export function outputOf({ gl }: Engine, y: Tensor): Output {
  return {
    finish: () => waitForPixel(gl, y.storage.framebuffer),
    read: () => y.read(),
    dispose: () => y.dispose(),
  };
}
