import { type Array4, at, generate } from './array.ts';

/**
 * Pixels become channels, the inverse of `pixelShuffle`: (n, c, r h, r w) to (n, c r r, h, w), with
 * y[c r r + j r + i, v, u] = x[c, r v + j, r u + i].
 */
export function pixelUnshuffle(x: Array4, r = 2): Array4 {
  const [n, c, h, w] = x.shape;
  if (h % r !== 0 || w % r !== 0) throw new Error(`${w} x ${h} pixels do not make whole ${r} x ${r} squares`);
  return generate([n, c * r * r, h / r, w / r], (i, o, v, u) => {
    const corner = o % (r * r);
    return at(x, i, Math.floor(o / (r * r)), v * r + Math.floor(corner / r), u * r + (corner % r));
  });
}
