/** Tells the formats of checkpoints apart. */
import { InputError } from '../tensor/errors.ts';
import type { Bytes } from './bytes.ts';
import type { Checkpoint } from './checkpoint.ts';
import { isLegacy } from './legacy.ts';
import { readPth } from './pth.ts';
import { readSafetensors } from './safetensors.ts';
import { shown } from './shown.ts';
import { isWebPage } from './web_page.ts';

/** Fewer bytes than in any checkpoint: the header length of a safetensors file and the brace after it. */
const FEWEST_BYTES = 9;
/** As many as tell a format, or are shown of a file that has none. */
const START_BYTES = 100;

/**
 * Reads what a .safetensors or .pth file says of its tensors, whose values stay where they are.
 * @throws InputError naming what was found where it is neither, or what is wrong with it.
 */
export async function readCheckpoint(file: Bytes): Promise<Checkpoint> {
  if (file.length < FEWEST_BYTES) throw new InputError(`This is no checkpoint: there are ${file.length} bytes in all.`);
  const bytes = await file.read(0, Math.min(START_BYTES, file.length));
  // First, since the length of a safetensors header may look like the other formats' first bytes.
  if (isSafetensors(bytes)) return readSafetensors(file);
  const start = String.fromCharCode(...bytes);
  if (start.startsWith('PK')) return readPth(file);
  if (isLegacy(bytes)) throw new InputError(LEGACY_SENTENCE);
  if (bytes[0] === PICKLE && bytes[1] >= 2 && bytes[1] <= 5) throw new InputError(PICKLE_SENTENCE);
  if (isWebPage(start)) throw new InputError('This is a web page, not a checkpoint.');
  if (start.startsWith('version https://git-lfs'))
    throw new InputError(
      'This is a pointer of Git LFS to a checkpoint, not the checkpoint itself; git lfs pull fetches it.',
    );
  const text = /^[\t\n\r\x20-\x7e]+$/.test(start);
  const found = text ? `'${shown(start.slice(0, 20))}'` : `the bytes ${hexadecimal(bytes.subarray(0, 8))}`;
  throw new InputError(`This is no PyTorch checkpoint and no safetensors file: it begins with ${found}.`);
}

/** A header of less than 4 GB that begins with a brace. */
function isSafetensors(start: Uint8Array): boolean {
  return start[8] === 0x7b && start.subarray(4, 8).every((byte) => byte === 0);
}

/** The opcode that names the protocol. */
const PICKLE = 0x80;

const LEGACY_SENTENCE =
  'This checkpoint has the format of PyTorch before 1.6, which is not read here. A recent PyTorch converts it ' +
  "by torch.save(torch.load('old.pth', map_location='cpu'), 'new.pth').";
const PICKLE_SENTENCE = 'This is a Python pickle, not a PyTorch checkpoint.';

function hexadecimal(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
}
