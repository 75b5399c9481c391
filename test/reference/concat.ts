import { type Array4, at, generate } from './array.ts';

/** The channels of a, then those of b: (n, p, h, w) and (n, q, h, w) to (n, p + q, h, w). */
export function concat(a: Array4, b: Array4): Array4 {
  const [n, p, h, w] = a.shape;
  const q = b.shape[1];
  if (b.shape[0] !== n || b.shape[2] !== h || b.shape[3] !== w)
    throw new Error(`[${a.shape}] and [${b.shape}] differ in more than their channels`);
  return generate([n, p + q, h, w], (i, c, y, x) => (c < p ? at(a, i, c, y, x) : at(b, i, c - p, y, x)));
}
