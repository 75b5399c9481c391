import { type Array4, zeros } from './array.ts';

/** The mean of every channel over the picture: (n, c, h, w) to (n, c, 1, 1). */
export function globalMean(x: Array4): Array4 {
  const [n, c, h, w] = x.shape;
  const out = zeros([n, c, 1, 1]);
  for (let i = 0; i < x.data.length; i++) out.data[Math.floor(i / (h * w))] += x.data[i] / (h * w);
  return out;
}
