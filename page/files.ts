/** What a visitor drops, pastes or picks. */
// Not from the index, which would bring twgl to the page's main thread.
import { InputError } from '../src/tensor/errors.ts';

export interface Sorted {
  readonly pictures: readonly File[];
  readonly weights: readonly File[];
}

/** Tells pictures from weights. @throws InputError naming a file that is neither. */
export async function sort(files: readonly File[]): Promise<Sorted> {
  const kinds = await Promise.all(files.map(kindOf));
  const those = (kind: keyof Sorted): File[] => files.filter((_, i) => kinds[i] === kind);
  return { pictures: those('pictures'), weights: those('weights') };
}

/**
 * One picture, or the pair of a dual-pixel camera. In which order a browser lists files is up to the system; by their names left comes
 * before right, L before R and 1 before 2.
 * @throws InputError when there are more.
 */
export function pairOf(pictures: readonly File[]): readonly File[] {
  if (pictures.length > 2)
    throw new InputError(
      `One picture is restored at a time, or the two of a dual-pixel camera; these are ${pictures.length}.`,
    );
  return [...pictures].sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
}

/** All files of a drop or a paste. */
export function filesOf(transfer: DataTransfer | null): File[] {
  return [...(transfer?.files ?? [])];
}

/** How a checkpoint of PyTorch before 1.6 begins. It is taken for weights so that it is refused with how to convert it. */
const LEGACY = [0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];

const WEIGHTS_NAME = /\.(pth|pt|ckpt|safetensors)$/i;

async function kindOf(file: File): Promise<keyof Sorted> {
  if (WEIGHTS_NAME.test(file.name)) return 'weights';
  if (file.type.startsWith('image/')) return 'pictures';
  const start = new Uint8Array(await file.slice(0, 16).arrayBuffer());
  const { type } = file;
  // A name without its ending: told by how checkpoints begin, a zip's or a safetensors header, or the old magic number.
  const zip = start[0] === 0x50 && start[1] === 0x4b && start[2] === 3 && start[3] === 4;
  const table = start[8] === 0x7b && start[7] === 0;
  const legacy = LEGACY.every((byte, i) => start[i] === byte);
  if (zip || table || legacy) return 'weights';
  throw new InputError(
    `${file.name}${type && `, of type ${type},`} is neither a picture nor weights (.pth or .safetensors).`,
  );
}
