/** A run on textures that were planned for it. */
import { DISPOSE } from './dispose.ts';
import type { Inputs } from './draw.ts';
import type { Engine } from './engine.ts';
import { KernelError } from './errors.ts';
import { type Layout, reflow } from './layout.ts';
import type { MemoryPlan } from './memory_plan.ts';
import type { Placement, Surface } from './pool.ts';
import type { Kernel } from './program.ts';
import { Recorder } from './recorder.ts';
import type { Tensor } from './tensor.ts';

/**
 * Does on an engine what was rehearsed: its n-th tensor takes the texture planned for it. It takes all textures from the engine's pool
 * at once and gives them back when it is disposed, whatever tensors are left in it.
 * @throws SizeError when the textures do not fit.
 */
export class Arena extends Recorder {
  private readonly textures: Surface[] = [];
  private readonly inUse = new Set<Surface>();
  private allocated = 0;

  constructor(
    private readonly engine: Engine,
    private readonly plan: MemoryPlan,
  ) {
    super();
    engine.startOver(); // a run that was stopped leaves parts of its work behind
    try {
      for (const extent of plan.textures) this.textures.push(engine.take(extent));
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  override get format(): Engine['format'] {
    return this.engine.format;
  }

  override acquire(layout: Layout): Placement {
    const surface = this.textures[this.plan.places[this.allocated++]];
    const flowed = surface && reflow(layout, surface.width, surface.height);
    if (!flowed || this.inUse.has(surface))
      throw new KernelError(`A run's tensor of shape [${layout.shape.join(', ')}] was not there in its rehearsal.`);
    this.inUse.add(surface);
    return { surface, layout: flowed };
  }

  override release(surface: Surface): void {
    this.inUse.delete(surface);
  }

  override draw(kernel: Kernel, out: Tensor, inputs: Inputs, fetches: number): void {
    this.draws++;
    this.engine.draw(kernel, out, inputs, fetches);
  }

  override readSurface(layout: Layout, surface: Surface): Promise<Float32Array> {
    return this.engine.readSurface(layout, surface);
  }

  override settle(): Promise<void> {
    return this.engine.settle();
  }

  dispose(): void {
    for (const surface of this.textures.splice(0)) this.engine.release(surface);
  }

  [DISPOSE](): void {
    this.dispose();
  }
}
