/** Zip archives with stored entries, which is how PyTorch writes them. https://support.pkware.com/pkzip/appnote */
import { InputError } from '../tensor/errors.ts';
import { crc32 } from './crc32.ts';
import { shown } from './shown.ts';

interface Header {
  readonly flags: number;
  readonly method: number;
  /** CRC-32 of the entry's bytes; NOT_COMPUTED for none. */
  readonly crc: number;
  readonly compressedSize: number;
  readonly size: number;
  /** Where the entry's local header begins. */
  readonly offset: number;
  /** As it is stored: the local header repeats it. */
  readonly name: Uint8Array;
}

const END = { signature: 0x06054b50, bytes: 22 };
const END64 = { signature: 0x06064b50, bytes: 56 };
const LOCATOR64 = { signature: 0x07064b50, bytes: 20 };
const CENTRAL = { signature: 0x02014b50, bytes: 46 };
const LOCAL = { signature: 0x04034b50, bytes: 30 };

/** The longest comment that may follow the end record. */
const COMMENT_BYTES = 0xffff;
/** A field that holds this is found in a zip64 record or extra field. */
const IN_ZIP64 = 0xffffffff;
const COUNT_IN_ZIP64 = 0xffff;
const ZIP64_EXTRA = 1;

const ENCRYPTED = 1;
/** Sizes follow the data; the local header has zeros. PyTorch writes all entries so. */
const SIZES_FOLLOW = 8;

/**
 * What a writer records that does not compute checksums, as PyTorch does after torch.serialization.set_crc32_options(False). Of other
 * entries only one in 2^32 has it, besides those without bytes.
 */
const NOT_COMPUTED = 0;

/** The entries of an archive as views on its bytes. */
export class ZipArchive {
  private readonly view: DataView;
  private readonly headers: ReadonlyMap<string, Header>;
  /** Entries whose checksums were found right: tensors can share a storage, which is then read for each. */
  private readonly checked = new Set<Header>();
  /** Where the entries' data must have ended. */
  private readonly dataEnd: number;

  /** @throws InputError when the directory of the archive cannot be read. */
  constructor(private readonly file: Uint8Array) {
    this.view = new DataView(file.buffer, file.byteOffset, file.byteLength);
    const { count, offset, size } = locateDirectory(this.view);
    this.dataEnd = offset;
    this.headers = readDirectory(file, this.view, count, offset, offset + size);
  }

  get names(): string[] {
    return [...this.headers.keys()];
  }

  has(name: string): boolean {
    return this.headers.has(name);
  }

  /** @throws InputError when there is no such entry, it is compressed, encrypted or damaged, or does not lie within the file. */
  read(name: string): Uint8Array {
    const { file, view, dataEnd } = this;
    const header = this.headers.get(name);
    const entry = shown(name);
    if (!header) throw corrupt(`it has no ${entry}`);
    const { flags, method, compressedSize, size, offset } = header;
    if (flags & ENCRYPTED) throw new InputError(`The checkpoint's ${entry} is encrypted.`);
    if (method !== 0)
      throw new InputError(
        `The checkpoint's ${entry} is compressed (zip method ${method}), which PyTorch never does; unpack the archive and pack it with zip -0.`,
      );
    if (compressedSize !== size) throw corrupt(`${entry} has ${size} bytes, but takes ${compressedSize}`);

    const nameAt = offset + LOCAL.bytes;
    if (nameAt > dataEnd) throw corrupt(`${entry} begins at byte ${offset} of ${dataEnd}`);
    const nameLength = view.getUint16(offset + 26, true);
    const begin = nameAt + nameLength + view.getUint16(offset + 28, true);
    if (
      view.getUint32(offset, true) !== LOCAL.signature ||
      view.getUint16(offset + 8, true) !== method ||
      !sameBytes(header.name, file.subarray(nameAt, nameAt + nameLength))
    )
      throw corrupt(`the directory says that ${entry} is at byte ${offset}, where something else is`);
    const stated = view.getUint32(offset + 22, true);
    if (!(flags & SIZES_FOLLOW) && stated !== IN_ZIP64 && stated !== size)
      throw corrupt(`${entry} has ${size} bytes in the directory, ${stated} where it lies`);
    if (begin + size > dataEnd) throw corrupt(`${entry} ends at byte ${begin + size} of ${dataEnd}`);
    const bytes = file.subarray(begin, begin + size);
    this.check(header, bytes, entry);
    return bytes;
  }

  private check(header: Header, bytes: Uint8Array, entry: string): void {
    if (header.crc === NOT_COMPUTED || this.checked.has(header)) return;
    const crc = crc32(bytes);
    if (crc !== header.crc)
      throw new InputError(
        `The entry '${entry}' is damaged: its CRC-32 is ${hexadecimal(crc)}, not ${hexadecimal(header.crc)}.`,
      );
    this.checked.add(header);
  }
}

/** Reads the end record, and its zip64 form where a number does not fit. */
function locateDirectory(view: DataView): { count: number; offset: number; size: number } {
  const end = findEnd(view);
  const disk = view.getUint16(end + 4, true);
  let limit = end;
  let count = view.getUint16(end + 10, true);
  let size = view.getUint32(end + 12, true);
  let offset = view.getUint32(end + 16, true);
  if (count === COUNT_IN_ZIP64 || size === IN_ZIP64 || offset === IN_ZIP64) {
    limit = locateEnd64(view, end);
    count = u64(view, limit + 32);
    size = u64(view, limit + 40);
    offset = u64(view, limit + 48);
  } else if (disk !== 0) {
    throw new InputError(`The checkpoint's zip archive is number ${disk + 1} of several files.`);
  }
  if (offset + size > limit) throw corrupt(`its directory of ${size} bytes at byte ${offset} has to end by ${limit}`);
  if (count * CENTRAL.bytes > size) throw corrupt(`its directory of ${size} bytes cannot hold ${count} entries`);
  return { count, offset, size };
}

function findEnd(view: DataView): number {
  const last = view.byteLength - END.bytes;
  for (let at = last; at >= Math.max(0, last - COMMENT_BYTES); at--) {
    if (view.getUint32(at, true) === END.signature && view.getUint16(at + 20, true) === last - at) return at;
  }
  throw corrupt(`its ${view.byteLength} bytes do not end with a directory`);
}

function locateEnd64(view: DataView, end: number): number {
  const locator = end - LOCATOR64.bytes;
  if (locator < 0 || view.getUint32(locator, true) !== LOCATOR64.signature)
    throw corrupt(`there is no zip64 locator ahead of its end record at byte ${end}`);
  const at = u64(view, locator + 8);
  if (at > locator - END64.bytes || view.getUint32(at, true) !== END64.signature)
    throw corrupt(`there is no zip64 end record at byte ${at}`);
  return at;
}

function readDirectory(
  file: Uint8Array,
  view: DataView,
  count: number,
  begin: number,
  end: number,
): Map<string, Header> {
  const decoder = new TextDecoder();
  const headers = new Map<string, Header>();
  let at = begin;
  for (let i = 0; i < count; i++) {
    if (at + CENTRAL.bytes > end || view.getUint32(at, true) !== CENTRAL.signature)
      throw corrupt(`there is no entry ${i + 1} of ${count} at byte ${at} of its directory`);
    const nameAt = at + CENTRAL.bytes;
    const extraAt = nameAt + view.getUint16(at + 28, true);
    const commentAt = extraAt + view.getUint16(at + 30, true);
    const next = commentAt + view.getUint16(at + 32, true);
    if (next > end) throw corrupt(`entry ${i + 1} of ${count} ends at byte ${next}, its directory at ${end}`);
    const raw = file.subarray(nameAt, extraAt);
    const name = decoder.decode(raw);
    if (headers.has(name)) throw corrupt(`it has ${shown(name)} twice`);
    const [size, compressedSize, offset] = widen(
      [24, 20, 42].map((field) => view.getUint32(at + field, true)),
      new DataView(view.buffer, view.byteOffset + extraAt, commentAt - extraAt),
      name,
    );
    const flags = view.getUint16(at + 8, true);
    const method = view.getUint16(at + 10, true);
    const crc = view.getUint32(at + 16, true);
    headers.set(name, { flags, method, crc, size, compressedSize, offset, name: raw });
    at = next;
  }
  return headers;
}

/** Those fields that do not fit follow each other in the zip64 extra field. */
function widen(fields: readonly number[], extra: DataView, name: string): number[] {
  if (!fields.includes(IN_ZIP64)) return [...fields];
  for (let at = 0; at + 4 <= extra.byteLength; at += 4 + extra.getUint16(at + 2, true)) {
    if (extra.getUint16(at, true) !== ZIP64_EXTRA) continue;
    let next = at + 4;
    const end = Math.min(extra.byteLength, next + extra.getUint16(at + 2, true));
    return fields.map((field) => {
      if (field !== IN_ZIP64) return field;
      if (next + 8 > end) throw corrupt(`the zip64 field of ${shown(name)} has only ${end - at - 4} bytes`);
      next += 8;
      return u64(extra, next - 8);
    });
  }
  throw corrupt(`${shown(name)} has no zip64 field`);
}

/** Rounded beyond 2^53, where no file reaches. */
function u64(view: DataView, at: number): number {
  return Number(view.getBigUint64(at, true));
}

function hexadecimal(crc: number): string {
  return crc.toString(16).padStart(8, '0');
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

function corrupt(what: string): InputError {
  return new InputError(`The checkpoint's zip archive is truncated or corrupt: ${what}.`);
}
