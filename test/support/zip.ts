/** A small writer of zip archives with stored entries, for tests. https://support.pkware.com/pkzip/appnote */

export interface ZipOptions {
  /** All sizes and offsets in zip64 fields and records, needed or not. */
  readonly zip64?: boolean;
  /** The compression method that the headers state; the bytes are taken as they are. */
  readonly method?: number;
  readonly flags?: number;
  readonly comment?: string;
  /** Gives an entry's checksum, which is 0 without it. */
  readonly crc32?: (bytes: Uint8Array) => number;
}

/** Entries lie in their order. Times are 0. */
export function zip(
  entries: Iterable<readonly [name: string, bytes: Uint8Array]>,
  options: ZipOptions = {},
): Uint8Array {
  const { zip64 = false, method = 0, flags = 0, comment = '', crc32 = () => 0 } = options;
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let at = 0;
  const put = (...bytes: Uint8Array[]): void => {
    for (const part of bytes) {
      parts.push(part);
      at += part.length;
    }
  };
  const narrow = (value: number): [number, 4] => [zip64 ? 0xffffffff : value, 4];

  for (const [title, bytes] of entries) {
    const name = new TextEncoder().encode(title);
    const size = bytes.length;
    const offset = at;
    const both = fields([method, 2], [0, 4], [crc32(bytes), 4], narrow(size), narrow(size), [name.length, 2]);
    const localExtra = zip64 ? fields([1, 2], [16, 2], [size, 8], [size, 8]) : fields();
    put(fields([0x04034b50, 4], [20, 2], [flags, 2]), both, fields([localExtra.length, 2]), name, localExtra, bytes);
    // Some other extra field comes first, which is to be skipped.
    const extra = zip64
      ? fields([0x5455, 2], [1, 2], [7, 1], [1, 2], [24, 2], [size, 8], [size, 8], [offset, 8])
      : fields();
    const central = fields([0x02014b50, 4], [20, 2], [20, 2], [flags, 2]);
    directory.push(central, both, fields([extra.length, 2], [0, 10]), fields(narrow(offset)), name, extra);
  }
  const count = directory.length / 6;
  const begin = at;
  put(...directory);
  const size = at - begin;
  const end64 = at;
  if (zip64) {
    put(fields([0x06064b50, 4], [44, 8], [45, 2], [45, 2], [0, 8], [count, 8], [count, 8], [size, 8], [begin, 8]));
    put(fields([0x07064b50, 4], [0, 4], [end64, 8], [1, 4]));
  }
  const few: [number, 2] = [zip64 ? 0xffff : count, 2];
  put(fields([0x06054b50, 4], [0, 4], few, few, narrow(size), narrow(begin), [comment.length, 2]));
  put(new TextEncoder().encode(comment));

  const file = new Uint8Array(at);
  let to = 0;
  for (const part of parts) {
    file.set(part, to);
    to += part.length;
  }
  return file;
}

/** An archive in which no checksum was computed, so that a change to it is not noticed by them. */
export function withoutChecksums(archive: Uint8Array): Uint8Array {
  const file = archive.slice();
  const view = new DataView(file.buffer);
  for (let at = 0; at + 46 <= file.length; at++)
    if (view.getUint32(at, true) === 0x02014b50) view.setUint32(at + 16, 0);
  return file;
}

/** Little-endian numbers of so many bytes each. */
function fields(...values: [value: number, bytes: number][]): Uint8Array {
  return Uint8Array.from(
    values.flatMap(([value, bytes]) => Array.from({ length: bytes }, (_, i) => Math.floor(value / 256 ** i) % 256)),
  );
}
