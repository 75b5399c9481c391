/** The selective scan from naive to final: README.md tells the story. */

import apply from '../../../src/glsl/scan_apply.frag';
import { scanWeights, selectiveScan } from '../../../src/ops/scan.ts';
import { openDevice } from '../../../src/tensor/device.ts';
import { Engine } from '../../../src/tensor/engine.ts';
import type { Tensor } from '../../../src/tensor/tensor.ts';
import type { Job, Ways } from '../../contenders/contender.ts';
import { upload } from '../../contenders/engine_tensors.ts';
import type { ScanLadderTask } from '../../tasks.ts';
import { stepJob } from '../step.ts';
import startOver from './1_from_the_start.frag';
import indexedArrays from './6_indexed_arrays.frag';
import { byDoubling, byTree, type Inputs } from './materialised.ts';
import { SwappedEngine } from './swapped.ts';

type Scan = (engine: Engine, inputs: Inputs) => Tensor;

/** The final kernels first: all are compared with them. */
export function scanSteps(gl: WebGL2RenderingContext, task: ScanLadderTask): Ways {
  const way = (scan: Scan) => (): Job => scanJob(new Engine(openDevice(gl)), task, scan);
  return {
    '5 final': way(selectiveScan),
    '1 from start': way(fromTheStart),
    '2 doubling': way(byDoubling),
    '3 tree of 2': way((engine, inputs) => byTree(engine, inputs, 2)),
    '4 tree of 8': way((engine, inputs) => byTree(engine, inputs, 8)),
    '6 arrays': () => scanJob(new SwappedEngine(openDevice(gl), apply, indexedArrays), task, selectiveScan),
  };
}

function scanJob(engine: Engine, task: ScanLadderTask, scan: Scan): Job {
  const [u, delta, b, c] = [task.u, task.delta, task.b, task.c].map((picture) => upload(engine, picture));
  const weights = scanWeights(engine, task.decay, task.skip);
  return stepJob(engine, [u, delta, b, c, weights], () => scan(engine, { u, delta, b, c, weights }));
}

function fromTheStart(engine: Engine, inputs: Inputs): Tensor {
  const { shape } = inputs.u;
  const y = engine.allocate(shape);
  // Most of its time goes to exponentials, and no draw may run for seconds.
  engine.draw({ shader: startOver }, y, { ...inputs, weights: inputs.weights.texels }, 64 * shape[2] * shape[3]);
  return y;
}
