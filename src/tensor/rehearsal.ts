/** A run without a device. */
import type { Inputs } from './draw.ts';
import type { Layout } from './layout.ts';
import { Lifetime } from './lifetime.ts';
import { type MemoryPlan, planMemory, type Use } from './memory_plan.ts';
import { extentOf, type Placement, type Surface } from './pool.ts';
import { type Kernel, kernelKey } from './program.ts';
import { type Format, Recorder } from './recorder.ts';
import type { Tensor } from './tensor.ts';

/** Runs operations without a device: counts their draws, collects their kernels, and notes when each tensor is there. */
export class Rehearsal extends Recorder {
  readonly kernels = new Map<string, Kernel>();
  private readonly uses: Use[] = [];
  private readonly ongoing = new Map<Surface, Use>();
  private readonly lifetime = new Lifetime();
  /** Counts tensors that come and go. */
  private clock = 0;

  constructor(override readonly format: Format) {
    super();
  }

  /** Textures for the same run on a device: an arena's. */
  get memoryPlan(): MemoryPlan {
    return planMemory(this.uses);
  }

  override acquire(layout: Layout): Placement {
    const surface: Surface = { ...extentOf(layout), texture: {}, framebuffer: {}, lifetime: this.lifetime };
    const use = { layout, from: this.clock++, to: Number.POSITIVE_INFINITY };
    this.uses.push(use);
    this.ongoing.set(surface, use);
    return { layout, surface };
  }

  override release(surface: Surface): void {
    this.ongoing.get(surface)!.to = this.clock++;
    this.ongoing.delete(surface);
  }

  override draw(kernel: Kernel, _out: Tensor, _inputs: Inputs, _fetches: number): void {
    this.draws++;
    this.kernels.set(kernelKey(kernel), kernel);
  }

  override async readSurface({ shape }: Layout): Promise<Float32Array> {
    return new Float32Array(shape.reduce((a, b) => a * b, 1));
  }

  override async settle(): Promise<void> {}
}
