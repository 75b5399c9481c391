/**
 * Peak signal-to-noise ratio in decibels over red, green and blue of all pixels: 10 log10(255^2 / mean squared error).
 *
 * a, b: 8-bit samples, `channels` a pixel (3, or 4 with an alpha that does not count); Infinity where they are the same.
 */
export function psnr(a: ArrayLike<number>, b: ArrayLike<number>, channels: 3 | 4 = 4): number {
  if (a.length !== b.length || a.length === 0 || a.length % channels !== 0)
    throw new Error(`pictures of ${a.length} and ${b.length} samples cannot be compared at ${channels} a pixel`);
  let sum = 0;
  for (let pixel = 0; pixel < a.length; pixel += channels)
    for (let c = 0; c < 3; c++) sum += (a[pixel + c] - b[pixel + c]) ** 2;
  return 10 * Math.log10(255 ** 2 / (sum / ((a.length / channels) * 3)));
}
