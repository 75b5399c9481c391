/** Checkpoints in the safetensors format: u64 header length, JSON header, raw little-endian data. https://github.com/huggingface/safetensors */
import { InputError } from '../tensor/errors.ts';
import { type Bytes, viewOf } from './bytes.ts';
import { Checkpoint, type Entry } from './checkpoint.ts';
import { ELEMENT_BYTES } from './dtype.ts';
import { elementCount, isCounts } from './shape.ts';
import { shown } from './shown.ts';

/** @throws InputError saying what is wrong with the file. */
export async function readSafetensors(file: Bytes): Promise<Checkpoint> {
  if (file.length < 8)
    throw new InputError(
      `A safetensors file has a header of at least 8 bytes; this one has ${file.length} bytes in all.`,
    );
  const headerLength = Number(viewOf(await file.read(0, 8)).getBigUint64(0, true));
  if (headerLength > file.length - 8) {
    throw new InputError(
      `This is no safetensors file, or a truncated one: its header would take ${headerLength} bytes, ${file.length - 8} follow.`,
    );
  }
  const dataAt = 8 + headerLength;
  const dataLength = file.length - dataAt;
  const header = parseHeader(await file.read(8, dataAt));
  const stored = Object.entries(header)
    .filter(([name]) => name !== '__metadata__')
    .map(([name, value]) => readEntry(name, value, dataLength));
  checkCovered(stored, dataLength);
  return Checkpoint.of(
    stored.map(({ name, dtype, shape, begin, end }) => [
      name,
      { dtype, shape, read: () => file.read(dataAt + begin, dataAt + end) },
    ]),
  );
}

/** What the header says of a tensor: its type and shape, and where its bytes are in the data. */
interface Stored extends Pick<Entry, 'dtype' | 'shape'> {
  readonly name: string;
  readonly begin: number;
  readonly end: number;
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

function readEntry(name: string, value: unknown, dataLength: number): Stored {
  const {
    dtype,
    shape,
    data_offsets: offsets,
  } = (value ?? {}) as { dtype?: unknown; shape?: unknown; data_offsets?: unknown };
  const tensor = shown(name);
  if (typeof dtype !== 'string' || !isCounts(shape) || !isCounts(offsets) || offsets.length !== 2) {
    throw new InputError(`The safetensors header says nothing usable of ${tensor}: ${briefly(value)}.`);
  }
  if (dtype !== 'F32' && dtype !== 'F16' && dtype !== 'BF16') {
    throw new InputError(`The checkpoint's ${tensor} has the type ${shown(dtype)}; F32, F16 and BF16 can be read.`);
  }
  const [begin, end] = offsets;
  const bytes = elementCount(shape) * ELEMENT_BYTES[dtype];
  if (end - begin !== bytes)
    throw new InputError(
      `The checkpoint's ${tensor} of shape [${shape.join(', ')}] takes ${bytes} bytes, not ${end - begin}.`,
    );
  if (end > dataLength)
    throw new InputError(
      `The safetensors file is truncated: ${tensor} ends at byte ${end} of its data, which has ${dataLength}.`,
    );
  return { name, dtype, shape, begin, end };
}

/**
 * The format wants every byte of the data to be one tensor's. A file with overlaps or holes has a damaged header, and is refused as by the
 * reference implementation: its values would be those of other tensors.
 */
function checkCovered(stored: readonly Stored[], dataLength: number): void {
  let covered = 0;
  let before = 'the data begins';
  for (const { name, begin, end } of [...stored].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== covered)
      throw new InputError(
        `The safetensors file is corrupt: ${shown(name)} begins at byte ${begin} of its data, not at byte ${covered}, where ${before}.`,
      );
    covered = end;
    before = `${shown(name)} ends`;
  }
  if (covered !== dataLength)
    throw new InputError(
      `The safetensors file is corrupt: its data has ${dataLength} bytes, but its tensors end at byte ${covered}.`,
    );
}

/** What the header says, short enough for a sentence. */
function briefly(value: unknown): string {
  try {
    return shown(JSON.stringify(value));
  } catch {
    // Nested so deep that JSON.stringify runs out of stack; JSON.parse does not.
    return 'lists in lists';
  }
}
