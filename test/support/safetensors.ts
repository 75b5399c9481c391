/**
 * A small reader of safetensors files, independent of the project's own.
 *
 * The format (https://github.com/huggingface/safetensors): the length of the header as a little-endian 64-bit integer, the
 * header in JSON (name -> dtype, shape, first and last byte after the header), the values, little-endian.
 */

export interface Tensor {
  data: Float32Array;
  shape: number[];
}

export interface SafeTensors {
  tensors: Map<string, Tensor>;
  /** The strings under '__metadata__'. */
  metadata: Record<string, string>;
}

interface Entry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

const READERS: Record<string, { bytes: number; read: (view: DataView, at: number) => number }> = {
  F32: { bytes: 4, read: (view, at) => view.getFloat32(at, true) },
  F16: { bytes: 2, read: (view, at) => halfToNumber(view.getUint16(at, true)) },
  BF16: { bytes: 2, read: (view, at) => brainToNumber(view.getUint16(at, true)) },
};

export function readSafetensors(file: ArrayBuffer): SafeTensors {
  const headerLength = Number(new DataView(file).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(file, 8, headerLength)));
  const { __metadata__: metadata = {}, ...entries } = header as Record<string, Entry> & {
    __metadata__?: Record<string, string>;
  };
  const tensors = new Map<string, Tensor>();
  for (const [name, entry] of Object.entries(entries as Record<string, Entry>)) {
    const reader = READERS[entry.dtype];
    if (!reader) throw new Error(`'${name}' is of type ${entry.dtype}, which this reader does not know`);
    const [first, last] = entry.data_offsets;
    const view = new DataView(file, 8 + headerLength + first, last - first);
    const data = new Float32Array((last - first) / reader.bytes);
    for (let i = 0; i < data.length; i++) data[i] = reader.read(view, i * reader.bytes);
    tensors.set(name, { data, shape: entry.shape });
  }
  return { tensors, metadata: metadata as Record<string, string> };
}

/** IEEE half precision: 1 sign bit, 5 exponent bits, 10 mantissa bits. */
export function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const mantissa = bits & 1023;
  if (exponent === 31) return mantissa ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  if (exponent === 0) return sign * mantissa * 2 ** -24;
  return sign * (1024 + mantissa) * 2 ** (exponent - 25);
}

/** bfloat16: the upper half of a float32. */
export function brainToNumber(bits: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint16(0, bits);
  return view.getFloat32(0);
}
