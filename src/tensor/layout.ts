/**
 * Where the elements of a tensor lie in a texture array: the only place that knows.
 *
 * Four channels make a quad, which is one RGBA texel. A brick is `pixels` x `quads` texels that lie at one position over all layers
 * of the array, so that a fragment with one attachment per layer writes a whole brick at once. With p attachments (8, 4 or 1) two
 * shapes are in use:
 *
 * - pixel bricks (p x 1): p pixels of a row, x % p chooses the layer. Pictures and sequences.
 * - state bricks (1 x p): p quads of one pixel. What the scan's first phases write: states of one segment.
 *
 * Groups of `quads` quads lie side by side in each layer as an atlas of `columns` columns:
 *
 *     quad = c / 4    group = batch * groupsPerImage + quad / quads    layer = (quad % quads) * pixels + x % pixels
 *     texel = (group % columns) * bricksPerRow + x / pixels,  (group / columns) * height + y
 *
 * Everything beyond the width and beyond the last channel is zero in every tensor at rest.
 */
import { SizeError } from './errors.ts';

/** [batch, channels, height, width], as in PyTorch. */
export type Shape = readonly [number, number, number, number];

export interface Brick {
  readonly pixels: number;
  readonly quads: number;
}

/** How values are stored; kernels compute in float32 either way. */
export type Precision = 'f32' | 'f16';

export interface Layout {
  readonly shape: Shape;
  readonly brick: Brick;
  readonly precision: Precision;
  readonly bricksPerRow: number;
  readonly groupsPerImage: number;
  readonly columns: number;
  /** The part of a texture that it takes. */
  readonly textureWidth: number;
  readonly textureHeight: number;
  readonly layers: number;
}

export const ceilDiv = (a: number, b: number): number => Math.ceil(a / b);

/** Number of RGBA texels that hold `channels` channels. */
export const quadsOf = (channels: number): number => ceilDiv(channels, 4);

/**
 * Lays out a tensor in as many atlas columns as the size limit and `leastRows` allow. Rasterisers work along rows, so the fragments for all output
 * channels of a few picture rows run close together and find their inputs in the cache: a 1x1 convolution of 96 to 96 channels took
 * 30 ms with one column and 20 ms with 24 on llvmpipe, 44 and 36 ms on SwiftShader.
 * One step further would be texel = brick * columns + group, all channels of a pixel side by side: that convolution took up to a fifth less on
 * llvmpipe and as long on SwiftShader, but views of some channels would be scattered over their texture.
 * @throws SizeError when one row or one column of the picture is longer than the limit, or the atlas does not fit.
 */
export function layoutOf(shape: Shape, brick: Brick, limit: number, precision: Precision = 'f32'): Layout {
  const [batch, channels, height, width] = shape;
  const bricksPerRow = ceilDiv(width, brick.pixels);
  const groupsPerImage = ceilDiv(quadsOf(channels), brick.quads);
  const groups = batch * groupsPerImage;
  const least = Math.min(leastRows(groups, bricksPerRow, height), Math.floor(limit / height));
  const columns = ceilDiv(groups, Math.max(least, ceilDiv(groups, Math.max(1, Math.floor(limit / bricksPerRow)))));
  const rows = ceilDiv(groups, columns);
  if (rows * height > limit || columns * bricksPerRow > limit) {
    throw new SizeError(
      `A tensor of shape [${shape.join(', ')}] does not fit a texture of ${limit} x ${limit} x ${brick.pixels * brick.quads} texels.`,
    );
  }
  return {
    shape,
    brick,
    precision,
    bricksPerRow,
    groupsPerImage,
    columns,
    textureWidth: columns * bricksPerRow,
    textureHeight: rows * height,
    layers: brick.pixels * brick.quads,
  };
}

/** An atlas is at least so many texels high, or failing that wide, if it has enough groups. */
const LEAST_SIDE = 128;

/**
 * Rows of groups that give every core of a rasteriser in software its part. llvmpipe shares out tiles of 64 x 64 texels, SwiftShader
 * pairs of texel rows: an atlas of one tile, or of one row, keeps all cores but one waiting. An OSS block of 192 channels of 32 x 32 took
 * 150 ms with as many columns as fit and takes 107 on llvmpipe, 328 and 250 on SwiftShader.
 */
function leastRows(groups: number, bricksPerRow: number, height: number): number {
  const high = ceilDiv(LEAST_SIDE, height);
  if (high <= groups) return high;
  const columns = ceilDiv(LEAST_SIDE, bricksPerRow);
  return columns <= groups ? Math.floor(groups / columns) : groups;
}

/**
 * The same tensor in a texture of another size: with its own columns, or else as wide as the texture allows, where it stays high enough to
 * be shared out. Null where it does not fit.
 */
export function reflow(layout: Layout, width: number, height: number): Layout | null {
  const groups = layout.shape[0] * layout.groupsPerImage;
  const most = Math.min(groups, Math.floor(width / layout.bricksPerRow));
  if (most === 0) return null;
  for (const atMost of [Math.min(layout.columns, most), most]) {
    const rows = ceilDiv(groups, atMost);
    const columns = ceilDiv(groups, rows);
    const textureHeight = rows * layout.shape[2];
    const shared = textureHeight >= Math.min(LEAST_SIDE, layout.textureHeight);
    if (shared && textureHeight <= height)
      return { ...layout, columns, textureWidth: columns * layout.bricksPerRow, textureHeight };
  }
  return null;
}

/** Calls `visit(element, packed)` for every element: its index in row-major NCHW order and its float's index in the packed texture. */
function eachElement(layout: Layout, visit: (element: number, packed: number) => void): void {
  const { brick, bricksPerRow, groupsPerImage, columns, textureWidth, textureHeight } = layout;
  const [batch, channels, height, width] = layout.shape;
  const layerFloats = textureWidth * textureHeight * 4;
  let element = 0;
  for (let n = 0; n < batch; n++) {
    for (let c = 0; c < channels; c++) {
      const quad = c >> 2;
      const group = n * groupsPerImage + Math.floor(quad / brick.quads);
      const firstLayer = (quad % brick.quads) * brick.pixels;
      const left = (group % columns) * bricksPerRow;
      const top = Math.floor(group / columns) * height;
      for (let y = 0; y < height; y++) {
        const row = ((top + y) * textureWidth + left) * 4 + (c & 3);
        for (let x = 0; x < width; x++) {
          const layer = firstLayer + (x % brick.pixels);
          visit(element++, layer * layerFloats + row + Math.floor(x / brick.pixels) * 4);
        }
      }
    }
  }
}

/** Texel data of all layers, padding zero, from values in NCHW order. */
export function pack(layout: Layout, values: ArrayLike<number>): Float32Array<ArrayBuffer> {
  const packed = new Float32Array(layout.textureWidth * layout.textureHeight * layout.layers * 4);
  eachElement(layout, (element, at) => {
    packed[at] = values[element];
  });
  return packed;
}

/** Values in NCHW order from the texel data of all layers. */
export function unpack(layout: Layout, packed: Float32Array): Float32Array<ArrayBuffer> {
  const [batch, channels, height, width] = layout.shape;
  const values = new Float32Array(batch * channels * height * width);
  eachElement(layout, (element, at) => {
    values[element] = packed[at];
  });
  return values;
}
