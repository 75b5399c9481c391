/**
 * Checkpoints as torch.save writes them since PyTorch 1.6: a zip archive with a pickle, which says how tensors lie in
 * storages, and an entry of raw values for each storage. https://pytorch.org/docs/stable/notes/serialization.html
 */
import { InputError } from '../tensor/errors.ts';
import type { Bytes } from './bytes.ts';
import { Checkpoint, type Entry } from './checkpoint.ts';
import { type DType, ELEMENT_BYTES } from './dtype.ts';
import { unpickle, type Vocabulary } from './pickle.ts';
import { elementCount, isCount, isCounts, isRowMajor, spanOf } from './shape.ts';
import { describe, shown } from './shown.ts';
import { ZipArchive } from './zip.ts';

/** Where weights are found in what was saved, best first: an average over the training is what gets published. */
const KEYS = ['params_ema', 'params', 'state_dict'];

const DTYPES: Readonly<Partial<Record<string, DType>>> = {
  FloatStorage: 'F32',
  HalfStorage: 'F16',
  BFloat16Storage: 'BF16',
};

/** That of the largest network has 0.2 MB. Each byte of a pickle can ask for an object, which has to fit into memory. */
const LONGEST_PICKLE = 2 * 2 ** 20;
/** As in PyTorch. */
const MOST_AXES = 64;

class StorageType {
  readonly kind = 'type of storage';

  constructor(readonly name: string) {}
}

/** What a pickle refers to as lying in another entry: ('storage', type, key, device, number of elements). */
class Storage {
  readonly kind = 'storage';

  constructor(readonly id: unknown) {}
}

/** A call of _rebuild_tensor_v2, looked into only when the tensor is wanted and its name is known. */
class PickledTensor {
  readonly kind = 'tensor';

  constructor(readonly args: readonly unknown[]) {}
}

/** @throws InputError saying what is wrong with the file. Nothing in it is executed. */
export async function readPth(file: Bytes): Promise<Checkpoint> {
  const archive = await ZipArchive.open(file);
  const folder = folderOf(archive);
  await checkByteOrder(archive, folder);
  const pickleBytes = archive.size(`${folder}data.pkl`);
  if (pickleBytes > LONGEST_PICKLE)
    throw new InputError(
      `The checkpoint's pickle has ${pickleBytes} bytes, far more than weights need; save nothing but the state_dict.`,
    );
  const pickle = await archive.read(`${folder}data.pkl`);
  const entries: [string, Entry][] = [];
  let elements = 0;
  for (const [name, value] of findWeights(unpickle(pickle, VOCABULARY))) {
    if (!(value instanceof PickledTensor))
      throw new InputError(
        `The checkpoint's ${describe(name)} is ${describe(value)}, not a tensor; weights are looked for under ${KEYS.join(', ')}, or on top.`,
      );
    if (typeof name !== 'string')
      throw new InputError(`The checkpoint's ${describe(name)} is a tensor, but its name is no text.`);
    const entry = readTensor(name, value, archive, folder);
    // Tensors may share their elements and repeat them with strides of 0, so that few bytes could ask for any memory.
    elements += elementCount(entry.shape);
    if (elements > file.length)
      throw new InputError(
        `The checkpoint's tensors up to ${shown(name)} have ${elements} elements, more than its file has bytes (${file.length}).`,
      );
    entries.push([name, entry]);
  }
  return Checkpoint.of(entries);
}

/** The folder with the pickle, which has the name that the file had when it was saved; with a slash at its end. */
function folderOf(archive: ZipArchive): string {
  const [found] = archive.names
    .filter((name) => name === 'data.pkl' || name.endsWith('/data.pkl'))
    .sort((a, b) => a.length - b.length);
  if (found === undefined) {
    const names = archive.names.slice(0, 3).map(shown).join(', ');
    throw new InputError(
      `This zip archive is no PyTorch checkpoint: it has no data.pkl. It ${names ? `begins with ${names}` : 'is empty'}.`,
    );
  }
  const folder = found.slice(0, -'data.pkl'.length);
  if (archive.has(`${folder}constants.pkl`))
    throw new InputError('This is a TorchScript program, not a checkpoint; save the state_dict with torch.save.');
  return folder;
}

/** Archives without the entry are from before it was introduced, and little-endian. */
async function checkByteOrder(archive: ZipArchive, folder: string): Promise<void> {
  if (!archive.has(`${folder}byteorder`)) return;
  const order = new TextDecoder().decode((await archive.read(`${folder}byteorder`)).subarray(0, 100)).trim();
  if (order !== 'little')
    throw new InputError(`The checkpoint's byte order is ${describe(order)}; only 'little' can be read.`);
}

function findWeights(saved: unknown): Map<unknown, unknown> {
  if (!(saved instanceof Map))
    throw new InputError(`The checkpoint is ${describe(saved)}, where a dict of tensors is expected.`);
  for (const key of KEYS) {
    const weights: unknown = saved.get(key);
    if (weights instanceof Map) return weights;
  }
  return saved;
}

const CONSTRUCTORS: Readonly<Partial<Record<string, (args: readonly unknown[]) => unknown>>> = {
  'collections.OrderedDict': (args) => {
    // Copying items here would let a short pickle ask for any memory; PyTorch adds them one by one.
    if (args.length > 0) throw new InputError(`The checkpoint's pickle makes an OrderedDict out of ${describe(args)}.`);
    return new Map();
  },
  'torch._utils._rebuild_tensor_v2': (args) => new PickledTensor(args),
  'torch._utils._rebuild_parameter': ([tensor]) => {
    if (!(tensor instanceof PickledTensor))
      throw new InputError(`The checkpoint's pickle makes a parameter out of ${describe(tensor)}.`);
    return tensor;
  },
};

const VOCABULARY: Vocabulary = {
  resolve: (name) => {
    if (Object.hasOwn(CONSTRUCTORS, name)) return CONSTRUCTORS[name];
    const storage = /^torch\.(\w+Storage)$/.exec(name);
    if (storage) return new StorageType(storage[1]);
    throw new InputError(
      `The checkpoint's pickle asks for ${shown(name)}. Weights do not need it and nothing was run; ` +
        'torch.save(model.state_dict(), ..) saves without it.',
    );
  },
  load: (id) => new Storage(id),
};

/** Finds out where the bytes of a tensor are. @throws InputError when they are not all there, or of a type that is not read. */
function readTensor(name: string, { args }: PickledTensor, archive: ZipArchive, folder: string): Entry {
  const tensor = shown(name);
  const [storage, offset, shape, strides] = args;
  if (!isCount(offset) || !isCounts(shape) || !isCounts(strides) || shape.length !== strides.length)
    throw new InputError(
      `The checkpoint's ${tensor} has the shape ${describe(shape)}, the strides ${describe(strides)} and the offset ${describe(offset)}, which no tensor has.`,
    );
  if (shape.length > MOST_AXES)
    throw new InputError(`The checkpoint's ${tensor} has ${shape.length} axes; a tensor has up to ${MOST_AXES}.`);

  const [tag, type, key, , length] = storage instanceof Storage && Array.isArray(storage.id) ? storage.id : [];
  if (tag !== 'storage' || !(type instanceof StorageType) || typeof key !== 'string' || !isCount(length))
    throw new InputError(
      `The checkpoint's ${tensor} lies in ${describe(storage)} that its pickle does not say enough of.`,
    );
  const dtype = Object.hasOwn(DTYPES, type.name) ? DTYPES[type.name] : undefined;
  if (!dtype)
    throw new InputError(
      `The checkpoint's ${tensor} has the type ${shown(type.name)}; ${Object.keys(DTYPES).join(', ')} can be read.`,
    );

  const path = `${folder}data/${key}`;
  if (!archive.has(path)) throw new InputError(`The checkpoint has no ${shown(path)}, where ${tensor} lies.`);
  const bytes = archive.size(path);
  const elementBytes = ELEMENT_BYTES[dtype];
  if (length * elementBytes > bytes)
    throw new InputError(
      `The checkpoint's ${shown(path)} has ${bytes} bytes; its ${length} elements for ${tensor} take ${length * elementBytes}.`,
    );
  const end = offset + spanOf(shape, strides);
  if (end > length)
    throw new InputError(
      `The checkpoint's ${tensor} of shape [${shape.join(', ')}] ends at element ${end} of ${shown(path)}, which has ${length}.`,
    );
  return {
    dtype,
    shape,
    read: () => archive.read(path, offset * elementBytes, end * elementBytes),
    strides: isRowMajor(shape, strides) ? undefined : strides,
  };
}
