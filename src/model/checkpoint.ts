/** Checkpoints in the safetensors format: u64 header length, JSON header, raw little-endian data. https://github.com/huggingface/safetensors */
import { InputError } from '../tensor/errors.ts';

interface Entry {
  readonly dtype: 'F32' | 'F16' | 'BF16';
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

const ELEMENT_BYTES = { F32: 4, F16: 2, BF16: 2 };

/** Named parameters, kept as they are stored and converted to float32 one at a time. */
export class Checkpoint {
  constructor(private readonly entries: ReadonlyMap<string, Entry>) {}

  get names(): string[] {
    return [...this.entries.keys()];
  }

  has(name: string): boolean {
    return this.entries.has(name);
  }

  /** @throws InputError when there is no such parameter. */
  shape(name: string): readonly number[] {
    return this.entry(name).shape;
  }

  /** Values in row-major order. @throws InputError when there is no such parameter or a value is not finite. */
  values(name: string): Float32Array {
    const { dtype, bytes } = this.entry(name);
    const values = TO_FLOAT[dtype](bytes);
    const at = values.findIndex((v) => !Number.isFinite(v));
    if (at >= 0) throw new InputError(`The checkpoint's ${name} holds ${values[at]} at element ${at}.`);
    return values;
  }

  private entry(name: string): Entry {
    const entry = this.entries.get(name);
    if (!entry) throw new InputError(`The checkpoint has no ${name}.`);
    return entry;
  }
}

/** @throws InputError saying what is wrong with the file. */
export function readSafetensors(file: Uint8Array): Checkpoint {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (file.length < 8)
    throw new InputError(
      `A safetensors file has a header of at least 8 bytes; this one has ${file.length} bytes in all.`,
    );
  const headerLength = Number(view.getBigUint64(0, true));
  if (headerLength > file.length - 8) {
    throw new InputError(
      `This is no safetensors file, or a truncated one: its header would take ${headerLength} bytes, ${file.length - 8} follow.`,
    );
  }
  const header = parseHeader(file.subarray(8, 8 + headerLength));
  const data = file.subarray(8 + headerLength);
  const entries = new Map<string, Entry>();
  for (const [name, value] of Object.entries(header)) {
    if (name !== '__metadata__') entries.set(name.replace(/^module\./, ''), readEntry(name, value, data));
  }
  if (entries.size === 0) throw new InputError('The safetensors file holds no tensors.');
  return new Checkpoint(entries);
}

function parseHeader(bytes: Uint8Array): Record<string, unknown> {
  try {
    const header: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    if (typeof header === 'object' && header !== null && !Array.isArray(header))
      return header as Record<string, unknown>;
  } catch {
    // said below
  }
  throw new InputError('This is no safetensors file, or a corrupt one: its header is no JSON object.');
}

function readEntry(name: string, value: unknown, data: Uint8Array): Entry {
  const {
    dtype,
    shape,
    data_offsets: offsets,
  } = (value ?? {}) as { dtype?: unknown; shape?: unknown; data_offsets?: unknown };
  if (!isCounts(shape) || !isCounts(offsets) || offsets.length !== 2) {
    throw new InputError(`The safetensors header says nothing usable of ${name}: ${JSON.stringify(value)}.`);
  }
  if (dtype !== 'F32' && dtype !== 'F16' && dtype !== 'BF16') {
    throw new InputError(`The checkpoint's ${name} has the type ${String(dtype)}; F32, F16 and BF16 can be read.`);
  }
  const [begin, end] = offsets;
  const bytes = shape.reduce((a, b) => a * b, 1) * ELEMENT_BYTES[dtype];
  if (end - begin !== bytes)
    throw new InputError(
      `The checkpoint's ${name} of shape [${shape.join(', ')}] takes ${bytes} bytes, not ${end - begin}.`,
    );
  if (end > data.length)
    throw new InputError(
      `The safetensors file is truncated: ${name} ends at byte ${end} of its data, which has ${data.length}.`,
    );
  return { dtype, shape, bytes: data.subarray(begin, end) };
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((v) => Number.isSafeInteger(v) && v >= 0);
}

/** The 16-bit words of little-endian data that may begin at an odd address. */
function* words(bytes: Uint8Array): Generator<number> {
  for (let i = 0; i < bytes.length; i += 2) yield bytes[i] | (bytes[i + 1] << 8);
}

const TO_FLOAT = {
  // A copy, since the data need not be aligned.
  F32: (bytes: Uint8Array): Float32Array => new Float32Array(bytes.slice().buffer),
  BF16: (bytes: Uint8Array): Float32Array => {
    const bits = Uint32Array.from(words(bytes), (word) => word << 16);
    return new Float32Array(bits.buffer);
  },
  F16: (bytes: Uint8Array): Float32Array => Float32Array.from(words(bytes), halfToNumber),
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
