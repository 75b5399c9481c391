/** A checkpoint of the published size. */
import { crc32 } from '../../src/model/crc32.ts';
import { PUBLISHED } from '../reference/variants.ts';
import { parameterShapes } from './parameters.ts';
import { pth, type StoredTensor } from './pth.ts';

/** A network as torch.save writes it, all of its parameters zero: the published derain takes 115 MB. */
export function publishedFile(config = PUBLISHED.derain): Uint8Array<ArrayBuffer> {
  const tensors = new Map<string, StoredTensor>();
  for (const [name, shape] of parameterShapes(config))
    tensors.set(name, { storage: new Uint8Array(4 * shape.reduce((a, b) => a * b, 1)), shape });
  return pth(tensors, undefined, { crc32 }) as Uint8Array<ArrayBuffer>;
}
