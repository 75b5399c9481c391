import { encode } from 'fast-png';

/** 8-bit RGBA, rows from the top. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

export function encodePng({ width, height, data }: Pixels): Uint8Array {
  return encode({ width, height, data, depth: 8, channels: 4 });
}

// A black and a white column next to each other show on any picture. Alpha is the highest byte.
const LINE = [0xff000000, 0xffffffff];

/** Both pictures side by side with a thin line between them. The one before takes the size of the other. */
export function compare(before: Pixels, after: Pixels): Pixels {
  const { width: half, height } = after;
  const width = 2 * half + LINE.length;
  const [from, to] = [before, after].map(wordsOf);
  const words = new Uint32Array(width * height);
  const nearest = (at: number, size: number, newSize: number) => Math.floor(((at + 0.5) * size) / newSize);
  const columns = Uint32Array.from({ length: half }, (_, x) => nearest(x, before.width, half));
  for (let y = 0; y < height; y++) {
    const source = nearest(y, before.height, height) * before.width;
    const row = y * width;
    for (let x = 0; x < half; x++) words[row + x] = from[source + columns[x]];
    words.set(LINE, row + half);
    words.set(to.subarray(y * half, (y + 1) * half), row + half + LINE.length);
  }
  return { width, height, data: new Uint8Array(words.buffer) };
}

/** A pixel as one number. The copy begins where a Uint32Array may. */
function wordsOf({ data }: Pixels): Uint32Array {
  return new Uint32Array(new Uint8Array(data).buffer);
}
