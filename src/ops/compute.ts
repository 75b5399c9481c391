import type { Inputs } from '../tensor/draw.ts';
import type { Shape } from '../tensor/layout.ts';
import type { Kernel } from '../tensor/program.ts';
import type { Recorder, Role } from '../tensor/recorder.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** Runs a kernel into a new tensor, which is not left behind where that fails: on an input that was disposed, say. */
export function compute(
  engine: Recorder,
  kernel: Kernel,
  shape: Shape,
  inputs: Inputs,
  fetches: number,
  role?: Role,
): Tensor {
  const y = engine.allocate(shape, role);
  try {
    engine.draw(kernel, y, inputs, fetches);
    return y;
  } catch (error) {
    y.dispose();
    throw error;
  }
}
