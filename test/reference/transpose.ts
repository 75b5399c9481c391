import { type Array4, at, generate } from './array.ts';

/** Rows become columns: (n, c, h, w) to (n, c, w, h). */
export function transpose(x: Array4): Array4 {
  const [n, c, h, w] = x.shape;
  return generate([n, c, w, h], (i, o, v, u) => at(x, i, o, u, v));
}
