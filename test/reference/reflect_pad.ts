import { type Array4, at, generate } from './array.ts';

/**
 * The picture enlarged to the right and downwards by its mirror image, the edge pixel itself not repeated.
 *
 * x (n, c, h, w) to (n, c, height, width), height >= h and width >= w. Where the new part is larger than the picture, the
 * mirrored picture is mirrored again, with period 2 (w - 1); a single column (row) is repeated.
 */
export function reflectPad(x: Array4, height: number, width: number): Array4 {
  const [n, c, h, w] = x.shape;
  if (height < h || width < w) throw new Error(`${w} x ${h} pixels cannot be padded to ${width} x ${height}`);
  return generate([n, c, height, width], (i, o, v, u) => at(x, i, o, mirrored(v, h), mirrored(u, w)));
}

/** The top left part: (n, c, h, w) to (n, c, height, width), height <= h and width <= w. */
export function crop(x: Array4, height: number, width: number): Array4 {
  const [n, c] = x.shape;
  return generate([n, c, height, width], (i, o, v, u) => at(x, i, o, v, u));
}

/** Which of `size` pixels is seen at place i >= 0: 0 1 2 .. size-1 .. 2 1 0 1 2 .. */
export function mirrored(i: number, size: number): number {
  if (size === 1) return 0;
  const phase = i % (2 * (size - 1));
  return phase < size ? phase : 2 * (size - 1) - phase;
}
