/** What a visitor drops, pastes or picks. */
import { InputError } from '../src/index.ts';

export interface Sorted {
  readonly picture?: File;
  readonly weights?: File;
}

/** The first picture and the first weights among files. @throws InputError naming a file that is neither. */
export async function sort(files: readonly File[]): Promise<Sorted> {
  let sorted: Sorted = {};
  for (const file of files) {
    const kind = await kindOf(file);
    sorted = { [kind]: file, ...sorted };
  }
  return sorted;
}

/** All files of a drop or a paste. */
export function filesOf(transfer: DataTransfer | null): File[] {
  return [...(transfer?.files ?? [])];
}

const WEIGHTS_NAME = /\.(pth|pt|ckpt|safetensors)$/i;

async function kindOf(file: File): Promise<keyof Sorted> {
  if (WEIGHTS_NAME.test(file.name)) return 'weights';
  if (file.type.startsWith('image/')) return 'picture';
  const start = new Uint8Array(await file.slice(0, 16).arrayBuffer());
  const { type } = file;
  // A name without its ending: told by how checkpoints begin, a zip's or a safetensors header.
  const zip = start[0] === 0x50 && start[1] === 0x4b && start[2] === 3 && start[3] === 4;
  const table = start[8] === 0x7b && start[7] === 0;
  if (zip || table) return 'weights';
  throw new InputError(
    `${file.name}${type && `, of type ${type},`} is neither a picture nor weights (.pth or .safetensors).`,
  );
}
