/** In how many parts work over channels is done, so that what is between two kernels never exists as a whole. */
import { ceilDiv, quadsOf } from '../tensor/layout.ts';

/**
 * First channel and number of channels of each part: parts as equal as whole quads and `least` allow, at most `most` of them, fewer where what is between two
 * kernels takes no more than `room` all the same.
 * @param bytesPerQuad of what is between, for four channels
 * @param room bytes that it may take
 * @param least quads of a part, where there are so many
 */
export function chunks(
  channels: number,
  most: number,
  bytesPerQuad: number,
  room: number,
  least = 1,
): [number, number][] {
  const quads = quadsOf(channels);
  const fitting = Math.floor(room / bytesPerQuad);
  const largest = Math.max(ceilDiv(quads, most), Math.min(quads, Math.max(least, fitting)));
  const size = 4 * Math.max(least, ceilDiv(quads, ceilDiv(quads, largest)));
  return Array.from({ length: ceilDiv(channels, size) }, (_, i) => [i * size, Math.min(size, channels - i * size)]);
}
