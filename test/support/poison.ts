import { Engine } from '../../src/tensor/engine.ts';
import type { Layout } from '../../src/tensor/layout.ts';
import type { Placement } from '../../src/tensor/pool.ts';

/** An engine every tensor of which is full of one value before anything is written to it, new or from the pool, temporary or not. */
export class PoisonedEngine extends Engine {
  poison = Number.NaN;

  override acquire(layout: Layout): Placement {
    const placement = super.acquire(layout);
    const { texture, width, height, layers } = placement.surface;
    const values = new Float32Array(width * height * layers * 4).fill(this.poison);
    const { gl } = this;
    gl.bindTexture(gl.TEXTURE_2D_ARRAY, texture);
    gl.texSubImage3D(gl.TEXTURE_2D_ARRAY, 0, 0, 0, 0, width, height, layers, gl.RGBA, gl.FLOAT, values);
    return placement;
  }
}
