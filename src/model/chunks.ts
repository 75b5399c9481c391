/** In how many parts work over channels is done, so that what is between two kernels never exists as a whole. */
import { ceilDiv, quadsOf } from '../tensor/layout.ts';

/** Fewer in a part would take more time to start draws than they save in memory. */
const LEAST_QUADS = 2;

/**
 * First channel and number of channels of each part: equal parts of whole quads, at most `most` of them, fewer where they would be small or
 * all that is between fits into a cache.
 * @param bytesPerQuad of what is between, for four channels
 * @param cacheBytes that the cache holds
 */
export function chunks(channels: number, most: number, bytesPerQuad: number, cacheBytes: number): [number, number][] {
  const quads = quadsOf(channels);
  const fitting = Math.floor(cacheBytes / bytesPerQuad);
  const size = 4 * Math.max(ceilDiv(quads, most), Math.min(quads, Math.max(LEAST_QUADS, fitting)));
  return Array.from({ length: ceilDiv(channels, size) }, (_, i) => [i * size, Math.min(size, channels - i * size)]);
}
