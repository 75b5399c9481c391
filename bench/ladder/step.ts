/** A step of a ladder as a job: it has an engine of its own, since steps differ in their attachments and layouts. */
import type { Engine } from '../../src/tensor/engine.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import type { Job } from '../contenders/contender.ts';
import { outputOf } from '../contenders/engine_tensors.ts';

/** @param owned inputs and weights, which go with the job, as does the engine */
export function stepJob(engine: Engine, owned: readonly { dispose(): void }[], run: () => Tensor): Job {
  return {
    run: () => outputOf(engine, run()),
    dispose() {
      for (const each of owned) each.dispose();
      engine.dispose();
    },
  };
}
