/** What lies in the texture of a tensor, read without the engine's help: by the formula in the head of src/tensor/layout.ts. */
import type { Engine } from '../../src/tensor/engine.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';

/** A float of a texture; `texel` names it for messages. */
export interface Texel {
  readonly value: number;
  readonly texel: string;
  /** -1 where the atlas has more places than the tensor has groups. */
  readonly image: number;
  readonly channel: number;
  readonly x: number;
}

/** Visits every float of a tensor's texture in bricks of pixels: all layers, all places of the atlas. */
export function eachFloat(engine: Engine, { layout, storage }: Tensor, visit: (texel: Texel) => void): void {
  const { gl } = engine;
  const { textureWidth, textureHeight, columns, bricksPerRow, groupsPerImage, shape, brick } = layout;
  const floats = new Float32Array(textureWidth * textureHeight * 4);
  gl.bindFramebuffer(gl.FRAMEBUFFER, storage.framebuffer);
  for (let layer = 0; layer < brick.pixels; layer++) {
    gl.readBuffer(gl.COLOR_ATTACHMENT0 + layer);
    gl.readPixels(0, 0, textureWidth, textureHeight, gl.RGBA, gl.FLOAT, floats);
    for (let i = 0; i < floats.length; i++) {
      const [lane, column, row] = [i % 4, (i >> 2) % textureWidth, Math.floor((i >> 2) / textureWidth)];
      const group = Math.floor(row / shape[2]) * columns + Math.floor(column / bricksPerRow);
      const image = Math.floor(group / groupsPerImage);
      visit({
        value: floats[i],
        texel: `lane ${lane} of texel ${column}, ${row} in layer ${layer}`,
        image: image < shape[0] ? image : -1,
        channel: (group % groupsPerImage) * 4 + lane,
        x: (column % bricksPerRow) * brick.pixels + layer,
      });
    }
  }
}

/** @throws Error unless everything beyond the width and beyond the last channel of a tensor (of a view: in its last quad) is zero. */
export function expectZeroPadding(engine: Engine, tensor: Tensor, what: string): void {
  const first = tensor.firstQuad * 4;
  const [, channels, , width] = tensor.shape;
  eachFloat(engine, tensor, ({ value, texel, image, channel, x }) => {
    const mine = image >= 0 && channel >= first && channel < first + 4 * tensor.quads;
    const padding = x >= width || channel >= first + channels;
    if (mine && padding && value !== 0)
      throw new Error(`${what}: ${value} beyond the tensor [${tensor.shape}], channel ${channel}, x ${x}: ${texel}`);
  });
}
