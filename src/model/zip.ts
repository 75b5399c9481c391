/** Zip archives with stored entries, which is how PyTorch writes them. https://support.pkware.com/pkzip/appnote */
import { InputError } from '../tensor/errors.ts';
import { type Bytes, viewOf } from './bytes.ts';
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

/** The entries of an archive. */
export class ZipArchive {
  /** Entries whose checksums were found right: tensors can share a storage, which is then read for each. */
  private readonly checked = new Set<Header>();

  private constructor(
    private readonly file: Bytes,
    private readonly headers: ReadonlyMap<string, Header>,
    /** Where the entries' data must have ended. */
    private readonly dataEnd: number,
  ) {}

  /** @throws InputError when the directory of the archive cannot be read. */
  static async open(file: Bytes): Promise<ZipArchive> {
    const { count, offset, size } = await locateDirectory(file);
    const directory = await file.read(offset, offset + size);
    return new ZipArchive(file, readDirectory(directory, count, offset), offset);
  }

  get names(): string[] {
    return [...this.headers.keys()];
  }

  has(name: string): boolean {
    return this.headers.has(name);
  }

  /** Bytes of an entry. @throws InputError when there is no such entry. */
  size(name: string): number {
    return this.header(name).size;
  }

  /**
   * The bytes of an entry from `from` up to `to`, which is its end unless told. Its checksum is compared the first time.
   * @throws InputError when there is no such entry, it is compressed, encrypted or damaged, or does not lie within the file.
   */
  async read(name: string, from = 0, to = this.size(name)): Promise<Uint8Array> {
    const header = this.header(name);
    const begin = await this.locate(header, shown(name));
    if (header.crc === NOT_COMPUTED || this.checked.has(header)) return this.file.read(begin + from, begin + to);
    const bytes = await this.file.read(begin, begin + header.size);
    this.check(header, bytes, shown(name));
    return bytes.subarray(from, to);
  }

  private header(name: string): Header {
    const header = this.headers.get(name);
    if (!header) throw corrupt(`it has no ${shown(name)}`);
    return header;
  }

  /** Where the bytes of an entry begin, which only its local header tells. */
  private async locate({ flags, method, compressedSize, size, offset, name }: Header, entry: string): Promise<number> {
    const { file, dataEnd } = this;
    if (flags & ENCRYPTED) throw new InputError(`The checkpoint's ${entry} is encrypted.`);
    if (method !== 0)
      throw new InputError(
        `The checkpoint's ${entry} is compressed (zip method ${method}), which PyTorch never does; unpack the archive and pack it with zip -0.`,
      );
    if (compressedSize !== size) throw corrupt(`${entry} has ${size} bytes, but takes ${compressedSize}`);

    const nameAt = offset + LOCAL.bytes;
    if (nameAt > dataEnd) throw corrupt(`${entry} begins at byte ${offset} of ${dataEnd}`);
    const local = await file.read(offset, Math.min(nameAt + name.length, dataEnd));
    const view = viewOf(local);
    if (
      view.getUint32(0, true) !== LOCAL.signature ||
      view.getUint16(8, true) !== method ||
      view.getUint16(26, true) !== name.length ||
      !sameBytes(name, local.subarray(LOCAL.bytes))
    )
      throw corrupt(`the directory says that ${entry} is at byte ${offset}, where something else is`);
    const stated = view.getUint32(22, true);
    if (!(flags & SIZES_FOLLOW) && stated !== IN_ZIP64 && stated !== size)
      throw corrupt(`${entry} has ${size} bytes in the directory, ${stated} where it lies`);
    const begin = nameAt + name.length + view.getUint16(28, true);
    if (begin + size > dataEnd) throw corrupt(`${entry} ends at byte ${begin + size} of ${dataEnd}`);
    return begin;
  }

  private check(header: Header, bytes: Uint8Array, entry: string): void {
    const crc = crc32(bytes);
    if (crc !== header.crc)
      throw new InputError(
        `The entry '${entry}' is damaged: its CRC-32 is ${hexadecimal(crc)}, not ${hexadecimal(header.crc)}.`,
      );
    this.checked.add(header);
  }
}

/** Reads the end record, and its zip64 form where a number does not fit. */
async function locateDirectory(file: Bytes): Promise<{ count: number; offset: number; size: number }> {
  const tailAt = Math.max(0, file.length - END.bytes - COMMENT_BYTES - LOCATOR64.bytes);
  const tail = viewOf(await file.read(tailAt, file.length));
  const end = findEnd(tail, file.length);
  const disk = tail.getUint16(end + 4, true);
  let limit = tailAt + end;
  let count = tail.getUint16(end + 10, true);
  let size = tail.getUint32(end + 12, true);
  let offset = tail.getUint32(end + 16, true);
  if (count === COUNT_IN_ZIP64 || size === IN_ZIP64 || offset === IN_ZIP64) {
    limit = locateEnd64(tail, end, tailAt);
    const end64 = viewOf(await file.read(limit, limit + END64.bytes));
    if (end64.getUint32(0, true) !== END64.signature) throw noEnd64(limit);
    count = u64(end64, 32);
    size = u64(end64, 40);
    offset = u64(end64, 48);
  } else if (disk !== 0) {
    throw new InputError(`The checkpoint's zip archive is number ${disk + 1} of several files.`);
  }
  if (offset + size > limit) throw corrupt(`its directory of ${size} bytes at byte ${offset} has to end by ${limit}`);
  if (count * CENTRAL.bytes > size) throw corrupt(`its directory of ${size} bytes cannot hold ${count} entries`);
  return { count, offset, size };
}

function findEnd(tail: DataView, fileLength: number): number {
  const last = tail.byteLength - END.bytes;
  for (let at = last; at >= Math.max(0, last - COMMENT_BYTES); at--) {
    if (tail.getUint32(at, true) === END.signature && tail.getUint16(at + 20, true) === last - at) return at;
  }
  throw corrupt(`its ${fileLength} bytes do not end with a directory`);
}

/** Where the zip64 end record should be in the file, of which `tail` begins at byte `tailAt`. */
function locateEnd64(tail: DataView, end: number, tailAt: number): number {
  const locator = end - LOCATOR64.bytes;
  if (locator < 0 || tail.getUint32(locator, true) !== LOCATOR64.signature)
    throw corrupt(`there is no zip64 locator ahead of its end record at byte ${tailAt + end}`);
  const at = u64(tail, locator + 8);
  if (at > tailAt + locator - END64.bytes) throw noEnd64(at);
  return at;
}

function noEnd64(at: number): InputError {
  return corrupt(`there is no zip64 end record at byte ${at}`);
}

/** @param begin where the directory is in the file */
function readDirectory(directory: Uint8Array, count: number, begin: number): Map<string, Header> {
  const view = viewOf(directory);
  const end = directory.length;
  const decoder = new TextDecoder();
  const headers = new Map<string, Header>();
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (at + CENTRAL.bytes > end || view.getUint32(at, true) !== CENTRAL.signature)
      throw corrupt(`there is no entry ${i + 1} of ${count} at byte ${begin + at} of its directory`);
    const nameAt = at + CENTRAL.bytes;
    const extraAt = nameAt + view.getUint16(at + 28, true);
    const commentAt = extraAt + view.getUint16(at + 30, true);
    const next = commentAt + view.getUint16(at + 32, true);
    if (next > end)
      throw corrupt(`entry ${i + 1} of ${count} ends at byte ${begin + next}, its directory at ${begin + end}`);
    const raw = directory.subarray(nameAt, extraAt);
    const name = decoder.decode(raw);
    if (headers.has(name)) throw corrupt(`it has ${shown(name)} twice`);
    const [size, compressedSize, offset] = widen(
      [24, 20, 42].map((field) => view.getUint32(at + field, true)),
      viewOf(directory.subarray(extraAt, commentAt)),
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
