import { type Array4, at, generate } from './array.ts';

/** Every pixel as a square of `scale` x `scale`: (n, c, h, w) to (n, c, scale h, scale w). */
export function upsampleNearest(x: Array4, scale: number): Array4 {
  const [n, c, h, w] = x.shape;
  return generate([n, c, h * scale, w * scale], (i, o, v, u) =>
    at(x, i, o, Math.floor(v / scale), Math.floor(u / scale)),
  );
}
