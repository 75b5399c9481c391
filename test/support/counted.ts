import { type Bytes, inMemory } from '../../src/model/bytes.ts';

/** A file in memory that tells how many of its bytes were read. */
export function counted(bytes: Uint8Array): { readonly file: Bytes; taken(): number } {
  const { length, read } = inMemory(bytes);
  let sum = 0;
  return {
    file: {
      length,
      read: (begin, end) => {
        sum += end - begin;
        return read(begin, end);
      },
    },
    taken: () => sum,
  };
}
