/** In how many parts work over channels is done, so that what is between two kernels never exists as a whole. */
import { ceilDiv, quadsOf } from '../tensor/layout.ts';

/** Bytes that fit into caches, and below which a part saves no memory that counts. */
const SMALL = 4 * 2 ** 20;

/**
 * First channel and number of channels of each part: equal parts of whole quads, at most `most` of them, fewer where that keeps what is
 * between within a few megabytes.
 * @param bytesPerQuad of what is between, for four channels
 */
export function chunks(channels: number, most: number, bytesPerQuad: number): [number, number][] {
  const quads = quadsOf(channels);
  const small = Math.floor(SMALL / bytesPerQuad);
  const size = 4 * Math.max(ceilDiv(quads, most), Math.min(quads, small));
  return Array.from({ length: ceilDiv(channels, size) }, (_, i) => [i * size, Math.min(size, channels - i * size)]);
}
