import type { DType } from '../src/model/dtype.ts';

export interface RawTensor {
  /** F32 without it. */
  readonly dtype?: DType;
  readonly shape: readonly number[];
  /** Little-endian values. */
  readonly bytes: Uint8Array;
}

/**
 * Writes the safetensors format: the length of a header, the header in JSON, the values of all tensors.
 * Spaces after the JSON let the values begin at a multiple of eight bytes.
 */
export function encodeSafetensors(tensors: Readonly<Record<string, RawTensor>>): Uint8Array {
  let end = 0;
  const entries = Object.entries(tensors).map(([name, { dtype = 'F32', shape, bytes }]) => {
    const begin = end;
    end += bytes.length;
    return [name, { dtype, shape, data_offsets: [begin, end] }];
  });
  const json = JSON.stringify(Object.fromEntries(entries));
  const header = Buffer.from(json.padEnd(Math.ceil(json.length / 8) * 8));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, ...Object.values(tensors).map(({ bytes }) => bytes)]);
}
