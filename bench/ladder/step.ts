/** A step of a ladder as a job: it has an engine of its own, since steps differ in their attachments and layouts. */
import type { Engine } from '../../src/tensor/engine.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { waitForPixel } from '../contenders/completion.ts';
import type { Job } from '../contenders/contender.ts';
import type { Picture } from '../tasks.ts';

/** @param owned inputs and weights, which go with the job, as does the engine */
export function stepJob(engine: Engine, owned: readonly { dispose(): void }[], run: () => Tensor): Job {
  return {
    run() {
      const y = run();
      return {
        finish: () => waitForPixel(engine.gl, y.storage.framebuffer),
        read: () => y.read(),
        dispose: () => y.dispose(),
      };
    },
    dispose() {
      for (const each of owned) each.dispose();
      engine.dispose();
    },
  };
}

export function upload(engine: Engine, { channels, height, width, values }: Picture): Tensor {
  return engine.tensor(values, [1, channels, height, width]);
}
