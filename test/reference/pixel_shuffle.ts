import { type Array4, at, generate } from './array.ts';

/**
 * Channels become pixels: (n, c r r, h, w) to (n, c, r h, r w), with
 * y[c, r v + j, r u + i] = x[c r r + j r + i, v, u].  (Shi et al. 2016, "sub-pixel convolution")
 */
export function pixelShuffle(x: Array4, r = 2): Array4 {
  const [n, c, h, w] = x.shape;
  if (c % (r * r) !== 0) throw new Error(`${c} channels do not make whole ${r} x ${r} squares`);
  return generate([n, c / (r * r), h * r, w * r], (i, o, v, u) =>
    at(x, i, o * r * r + (v % r) * r + (u % r), Math.floor(v / r), Math.floor(u / r)),
  );
}
