/** The types in which checkpoints store parameters, little-endian, and their conversion to float32. */

export type DType = 'F32' | 'F16' | 'BF16';

export const ELEMENT_BYTES: Readonly<Record<DType, number>> = { F32: 4, F16: 2, BF16: 2 };

/** A copy of the values; the data may begin at any address. */
export function toFloat32(dtype: DType, bytes: Uint8Array): Float32Array {
  return CONVERSIONS[dtype](bytes);
}

const CONVERSIONS: Readonly<Record<DType, (bytes: Uint8Array) => Float32Array>> = {
  // The constructor copies; slice() of a Node Buffer would not.
  F32: (bytes) => new Float32Array(new Uint8Array(bytes).buffer),
  BF16: (bytes) => {
    const bits = new Uint32Array(bytes.length / 2);
    for (let i = 0; i < bits.length; i++) bits[i] = (bytes[2 * i] << 16) | (bytes[2 * i + 1] << 24);
    return new Float32Array(bits.buffer);
  },
  F16: (bytes) => {
    const values = new Float32Array(bytes.length / 2);
    for (let i = 0; i < values.length; i++) values[i] = halfToNumber(bytes[2 * i] | (bytes[2 * i + 1] << 8));
    return values;
  },
};

/** IEEE 754 binary16. */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
