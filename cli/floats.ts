/** Narrows float32 values to the types that a checkpoint may have, rounding to nearest, ties to even. */
import type { DType } from '../src/model/dtype.ts';
import { InputError } from '../src/tensor/errors.ts';

/** Little-endian bytes. @throws InputError naming the tensor when a value is too large for the type. */
export function encodeFloats(dtype: DType, values: Float32Array, name: string): Uint8Array {
  if (dtype === 'F32') return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const { narrow, infinity } = NARROWINGS[dtype];
  const narrowed = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const magnitude = narrow(words[i] & 0x7fffffff);
    if (magnitude >= infinity)
      throw new InputError(`${name} holds ${values[i]} at element ${i}, which is too large for ${dtype}.`);
    narrowed[i] = ((words[i] >>> 16) & 0x8000) | magnitude;
  }
  return new Uint8Array(narrowed.buffer);
}

// Both take the bits of a float32 that is not negative and not NaN. One step more of the mantissa than there is carries
// into the exponent, which is right, also where the next number is infinity.
const NARROWINGS = {
  F16: { narrow: half, infinity: 0x7c00 },
  BF16: { narrow: (bits: number) => roundAt(bits, 16), infinity: 0x7f80 },
};

/** Drops the lowest bits. */
function roundAt(bits: number, count: number): number {
  const odd = (bits >>> count) & 1;
  return (bits + (1 << (count - 1)) - 1 + odd) >>> count;
}

/** Smallest float32, as bits, that is a normal number in 16 bits: 2^-14. */
const SMALLEST_NORMAL = 113 << 23;
/** What the exponents of the two types differ by. */
const REBIAS = 112 << 23;

function half(bits: number): number {
  if (bits >= SMALLEST_NORMAL) return roundAt(bits - REBIAS, 13);
  // In steps of 2^-24; the mantissa with its leading one is in steps of 2^(exponent - 150).
  const exponent = bits >>> 23;
  const shift = 126 - exponent;
  return shift > 24 ? 0 : roundAt((bits & 0x7fffff) | 0x800000, shift);
}
