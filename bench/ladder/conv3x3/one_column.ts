import { Engine } from '../../../src/tensor/engine.ts';
import type { Layout, Shape } from '../../../src/tensor/layout.ts';
import type { Role } from '../../../src/tensor/recorder.ts';

/** Lays the rectangles of the quads below each other, where an engine lays them side by side. */
export class OneColumnEngine extends Engine {
  protected override layoutFor(shape: Shape, role: Role): Layout {
    const layout = super.layoutFor(shape, role);
    const groups = layout.groupsPerImage * shape[0];
    return { ...layout, columns: 1, textureWidth: layout.bricksPerRow, textureHeight: groups * shape[2] };
  }
}
