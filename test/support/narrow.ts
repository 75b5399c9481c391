import type { Inputs } from '../../src/tensor/draw.ts';
import { Engine } from '../../src/tensor/engine.ts';
import type { Layout, Shape } from '../../src/tensor/layout.ts';
import type { Kernel } from '../../src/tensor/program.ts';
import type { Role } from '../../src/tensor/recorder.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';

/**
 * An engine that does with small tensors what others do with large ones only: their atlas has at most so many columns and therefore
 * several rows, and draws are split into bands of one row.
 */
export class NarrowEngine extends Engine {
  columns = 1;

  protected override layoutFor(shape: Shape, role: Role): Layout {
    const layout = super.layoutFor(shape, role);
    const groups = layout.groupsPerImage * shape[0];
    const columns = Math.min(this.columns, groups);
    return {
      ...layout,
      columns,
      textureWidth: columns * layout.bricksPerRow,
      textureHeight: Math.ceil(groups / columns) * shape[2],
    };
  }

  override draw(kernel: Kernel, out: Tensor, inputs: Inputs): void {
    super.draw(kernel, out, inputs, 1e9);
  }
}
