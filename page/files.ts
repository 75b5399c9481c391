/** What a visitor drops, pastes or picks. */

// Not from the index, which would bring twgl to the page's main thread.
import { isLegacy } from '../src/model/legacy.ts';
import { isWebPage } from '../src/model/web_page.ts';
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
      `Open one picture at a time, or the two views of a dual-pixel camera; you gave ${pictures.length}.`,
    );
  return [...pictures].sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
}

/** @throws InputError when there are more: which of them comes first is up to the system too. */
export function oneOf(weights: readonly File[]): File {
  if (weights.length > 1) throw new InputError(`Open one weights file at a time; you gave ${weights.length}.`);
  return weights[0];
}

/** What `read` makes of a file. @throws InputError when its bytes cannot be had: most often what was dropped is a folder. */
export async function readFile<T>(file: File, read: (file: File) => Promise<T>): Promise<T> {
  try {
    return await read(file);
  } catch (cause) {
    throw new InputError(`${file.name} cannot be read: it is a folder, or was moved or changed meanwhile.`, { cause });
  }
}

/** All files of a drop or a paste. */
export function filesOf(transfer: DataTransfer | null): File[] {
  return [...(transfer?.files ?? [])];
}

const WEIGHTS_NAME = /\.(pth|pt|ckpt|safetensors)$/i;

/** How PNG, JPEG, GIF, WebP, and AVIF with its relatives begin. */
const PICTURE = /^(\x89PNG|\xff\xd8\xff|GIF8|RIFF.{4}WEBP|.{4}ftyp(avi[fs]|mif1|hei[cx]))/s;

async function kindOf(file: File): Promise<keyof Sorted> {
  const { name, type } = file;
  // Also of what its name tells: nobody else would say so well that it cannot be read.
  const bytes = await readFile(file, async () => new Uint8Array(await file.slice(0, 100).arrayBuffer()));
  if (WEIGHTS_NAME.test(name)) return 'weights';
  if (type.startsWith('image/')) return 'pictures';
  // Most often a name without its ending, from which the system knows no type: told by the first bytes, also as Latin-1.
  const start = String.fromCharCode(...bytes);
  const zip = start.startsWith('PK\x03\x04');
  const safetensors = start[8] === '{' && start[7] === '\0';
  // A checkpoint of before PyTorch 1.6 is taken for weights, too, so that it is refused with how to convert it.
  if (zip || safetensors || isLegacy(bytes)) return 'weights';
  const bmp = start.startsWith('BM') && start.slice(6, 10) === '\0\0\0\0';
  if (bmp || PICTURE.test(start)) return 'pictures';
  const what = type ? `, of type ${type}, is` : isWebPage(start) ? ' is a web page,' : ' is';
  throw new InputError(`${name}${what} neither a picture nor weights (.pth or .safetensors).`);
}
