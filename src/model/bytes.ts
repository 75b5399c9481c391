/** Files that are read in parts. */

/** A file of which no more has to be in memory than what is being looked at. */
export interface Bytes {
  readonly length: number;
  /** Those from `begin` up to `end`, both within the file. Rejects with an InputError when they cannot be had. */
  read(begin: number, end: number): Promise<Uint8Array>;
}

/** What is in memory already. Parts are views on it, so that it must not change. */
export function inMemory(bytes: Uint8Array): Bytes {
  return { length: bytes.length, read: async (begin, end) => bytes.subarray(begin, end) };
}

export function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}
