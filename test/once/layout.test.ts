import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { SizeError } from '../../src/tensor/errors.ts';
import { type Brick, type Layout, layoutOf, pack, quadsOf, type Shape, unpack } from '../../src/tensor/layout.ts';
import { sideOf } from '../../src/tensor/pool.ts';

const test = suite('layout');

const PIXEL_BRICK: Brick = { pixels: 8, quads: 1 };
const STATE_BRICK: Brick = { pixels: 1, quads: 8 };

/** Of an atlas with groups enough: its height, or else its width. */
const LEAST_SIDE = 128;

const shapes: Shape[] = [
  [1, 1, 1, 1],
  [1, 3, 7, 9],
  [2, 5, 1, 37],
  [2, 22, 3, 5],
  [3, 127, 3, 17],
  [1, 130, 2, 8],
  [2, 22, 33, 5],
  [1, 130, 41, 8],
];

/** 1, 2, 3 ..: none is zero or twice there. */
const countUp = (shape: Shape) => Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i + 1);

for (const brick of [PIXEL_BRICK, STATE_BRICK]) {
  for (const shape of shapes) {
    test(`[${shape}] in bricks of ${brick.pixels} x ${brick.quads}`, () => {
      const values = countUp(shape);
      const atlases = new Set<string>();
      for (const limit of [8, 17, 20, 26, 40, 64, 100, 16384]) {
        const layout = fitting(shape, brick, limit);
        if (!layout) continue;
        const { columns, textureWidth, textureHeight, layers } = layout;
        atlases.add(`${columns} columns, ${textureHeight / shape[2]} rows`);
        assert.is(layers, 8);
        assert.ok(textureWidth <= limit && textureHeight <= limit, `${textureWidth} x ${textureHeight}`);
        const packed = pack(layout, values);
        assert.is(packed.length, textureWidth * textureHeight * layers * 4);
        assert.equal(unpack(layout, packed), values);
        assert.equal(
          packed.filter((v) => v !== 0).sort(),
          values,
          'every value is there once, and everything else is zero',
        );
      }
      const groups = shape[0] * Math.ceil(quadsOf(shape[1]) / brick.quads);
      assert.ok(atlases.size > 1 || groups * shape[2] <= LEAST_SIDE, [...atlases].join('; '));
    });
  }
}

test('an element lies where the formula says', () => {
  const shape: Shape = [2, 10, 3, 20];
  const at = (layout: Layout, n: number, c: number, y: number, x: number) => {
    const { brick, groupsPerImage, columns, bricksPerRow, textureWidth, textureHeight } = layout;
    const quad = Math.floor(c / 4);
    const group = n * groupsPerImage + Math.floor(quad / brick.quads);
    const layer = (quad % brick.quads) * brick.pixels + (x % brick.pixels);
    const column = (group % columns) * bricksPerRow + Math.floor(x / brick.pixels);
    const row = Math.floor(group / columns) * shape[2] + y;
    return ((layer * textureHeight + row) * textureWidth + column) * 4 + (c % 4);
  };
  for (const layout of [layoutOf(shape, PIXEL_BRICK, 10), layoutOf(shape, STATE_BRICK, 30)]) {
    const packed = pack(layout, countUp(shape));
    for (const [n, c, y, x] of [
      [0, 0, 0, 0],
      [0, 9, 2, 19],
      [1, 0, 0, 8],
      [1, 6, 1, 13],
    ]) {
      assert.is(packed[at(layout, n, c, y, x)], ((n * 10 + c) * 3 + y) * 20 + x + 1, `${[n, c, y, x]}`);
    }
  }
});

test('an atlas takes the columns that fit', () => {
  const layout = layoutOf([1, 1000, 130, 24], PIXEL_BRICK, 400);
  assert.is(layout.bricksPerRow, 3);
  assert.is(layout.columns, 125);
  assert.is(layout.textureWidth, 375);
  assert.is(layout.textureHeight, 260);
});

test('an atlas is high enough to be shared out, where it has groups enough', () => {
  const size = (shape: Shape) => {
    const { textureWidth, textureHeight } = layoutOf(shape, PIXEL_BRICK, 2048);
    return [textureWidth, textureHeight];
  };
  assert.equal(size([1, 48, 32, 32]), [3 * 4, LEAST_SIDE]);
  assert.equal(size([1, 48, 37, 32]), [3 * 4, 4 * 37]);
  assert.equal(size([1, 8, 32, 32]), [4, 2 * 32]);
  // Of 12 groups those of the second column would begin the last two of eight rows: six rows hold them all.
  assert.equal(size([1, 48, 16, 16]), [2 * 2, 6 * 16]);
  assert.equal(size([1, 48, 128, 128]), [12 * 16, 128]);
  // Not so high, but as wide; and neither.
  assert.equal(size([1, 192, 1, 256]), [LEAST_SIDE, 12]);
  assert.equal(size([1, 48, 1, 32]), [4, 12]);
});

test('an atlas has no row of groups too many', () => {
  for (let channels = 4; channels <= 400; channels += 4) {
    for (const height of [1, 3, 8, 16, 31, 64, 128]) {
      const { columns, textureHeight } = layoutOf([1, channels, height, 16], PIXEL_BRICK, 2048);
      const groups = channels / 4;
      assert.is(textureHeight / height, Math.ceil(groups / columns), `${channels} channels, ${height} high`);
      assert.ok(textureHeight > Math.min(LEAST_SIDE, height * groups) / 2 || columns * 2 >= LEAST_SIDE);
    }
  }
});

test('no side of a texture is a power of two, up to what every device offers', () => {
  for (let n = 1; n < 2048; n++) {
    const side = sideOf(n);
    assert.ok(side >= n && side <= n + 2 && !Number.isInteger(Math.log2(side)), `${n}: ${side}`);
  }
  for (const n of [2048, 2049, 8192]) assert.is(sideOf(n), n);
});

test('what does not fit is an error that says so', () => {
  const fails = (shape: Shape) =>
    assert.throws(
      () => layoutOf(shape, PIXEL_BRICK, 16),
      (error: Error) => error instanceof SizeError && /\[1, \d+, \d+, \d+\].*16 x 16 x 8 texels/.test(error.message),
    );
  assert.is(layoutOf([1, 4, 16, 128], PIXEL_BRICK, 16).textureWidth, 16);
  fails([1, 4, 16, 129]);
  fails([1, 4, 17, 1]);
  fails([1, 5, 16, 128]);
  fails([1, 1000, 16, 1]);
});

function fitting(shape: Shape, brick: typeof PIXEL_BRICK, limit: number): Layout | undefined {
  try {
    return layoutOf(shape, brick, limit);
  } catch (error) {
    if (error instanceof SizeError) return undefined;
    throw error;
  }
}

test.run();
