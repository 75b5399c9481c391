import type { Device } from '../../../src/tensor/device.ts';
import type { Inputs } from '../../../src/tensor/draw.ts';
import { Engine } from '../../../src/tensor/engine.ts';
import type { Kernel, ShaderSource } from '../../../src/tensor/program.ts';
import type { Tensor } from '../../../src/tensor/tensor.ts';

/** Draws one shader wherever another is asked for. */
export class SwappedEngine extends Engine {
  constructor(
    device: Device,
    private readonly asked: ShaderSource,
    private readonly drawn: ShaderSource,
  ) {
    super(device);
  }

  override draw(kernel: Kernel, out: Tensor, inputs: Inputs, fetches: number): void {
    const swapped = kernel.shader.file === this.asked.file ? { ...kernel, shader: this.drawn } : kernel;
    super.draw(swapped, out, inputs, fetches);
  }
}
