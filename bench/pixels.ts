/** Pictures as the numbers that a network takes: red, green and blue over 255. */

/** [height, width, 3]. */
export function interleaved({ data }: ImageData): Float32Array {
  return Float32Array.from({ length: (data.length / 4) * 3 }, (_, i) => data[Math.floor(i / 3) * 4 + (i % 3)] / 255);
}

/** [3, height, width]. */
export function planes({ data, width, height }: ImageData): Float32Array {
  const size = width * height;
  return Float32Array.from({ length: 3 * size }, (_, i) => data[(i % size) * 4 + Math.floor(i / size)] / 255);
}
