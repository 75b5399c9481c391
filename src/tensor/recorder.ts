/** What operations record themselves on: an engine, a rehearsal that only counts, or an arena of planned textures. */
import type { Attachments } from './device.ts';
import type { Inputs } from './draw.ts';
import { InputError } from './errors.ts';
import { type Layout, layoutOf, type Precision, type Shape } from './layout.ts';
import type { Placement, Surface } from './pool.ts';
import type { Kernel } from './program.ts';
import { Tensor, type TensorSource } from './tensor.ts';

/** How an engine stores tensors. */
export interface Format {
  /** Pixels of a brick: what a kernel writes at once. */
  readonly attachments: Attachments;
  readonly precision: Precision;
  /** Longest side of a texture, in texels. */
  readonly maxTextureSize: number;
}

/**
 * What a tensor holds: activations are stored at the engine's precision; exact ones (sums, means, deviations, the scan's states) are
 * always float32; carries too, in state bricks.
 */
export type Role = 'activation' | 'exact' | 'carry';

/** What operations need: tensors to write and a way to run kernels. An engine, or somebody in its place. */
export abstract class Recorder implements TensorSource {
  abstract readonly format: Format;
  /** Draws issued so far. */
  draws = 0;

  /**
   * A tensor whose values are undefined until a kernel has written it.
   * @throws InputError when the shape is none, SizeError when it does not fit, DeviceError.
   */
  allocate(shape: Shape, role: Role = 'activation'): Tensor {
    if (shape.length !== 4 || !shape.every((n) => Number.isInteger(n) && n > 0)) {
      throw new InputError(
        `A tensor cannot have the shape [${shape.join(', ')}]: batch, channels, height and width are whole numbers from 1 on.`,
      );
    }
    return new Tensor(this, this.layoutFor(shape, role));
  }

  protected layoutFor(shape: Shape, role: Role): Layout {
    const { attachments, precision, maxTextureSize } = this.format;
    const brick = role === 'carry' ? { pixels: 1, quads: attachments } : { pixels: attachments, quads: 1 };
    return layoutOf(shape, brick, maxTextureSize, role === 'activation' ? precision : 'f32');
  }

  abstract acquire(layout: Layout): Placement;
  abstract release(surface: Surface): void;

  /** Runs a kernel over every brick of `out`; `fetches` is about how many texels one fragment fetches. */
  abstract draw(kernel: Kernel, out: Tensor, inputs: Inputs, fetches: number): void;
  abstract readSurface(layout: Layout, surface: Surface): Promise<Float32Array>;
  /** Lets the GPU catch up when much has been issued; long work awaits it between its parts. */
  abstract settle(): Promise<void>;
}
