import { encode } from 'fast-png';

/** A PNG of the very pixels: a canvas would multiply alpha into the colours and lose some of them. */
export function encodePng({ width, height, data }: ImageData): Uint8Array<ArrayBuffer> {
  return new Uint8Array(encode({ width, height, data, depth: 8, channels: 4 }));
}
