/** A small writer of checkpoints in the layout of torch.save, for tests. */
import { Call, Global, Persistent, pickle } from './pickle.ts';
import { type ZipOptions, zip } from './zip.ts';

export interface StoredTensor {
  /** The values of the storage, little-endian; those of another tensor when it is the same object. */
  readonly storage: Uint8Array;
  readonly shape: readonly unknown[];
  /** Row-major without them. */
  readonly strides?: readonly unknown[];
  readonly offset?: unknown;
  /** 'FloatStorage' without it. */
  readonly type?: string;
  /** Elements that the pickle says the storage has; as many as there are without it. */
  readonly length?: unknown;
}

/** As torch.save({'params': tensors}) writes; `wrap` puts the dict of tensors into something else. */
export function pth(
  tensors: ReadonlyMap<string, StoredTensor>,
  wrap: (weights: Map<string, unknown>) => unknown = (weights) => new Map([['params', weights]]),
  options: ZipOptions & { readonly folder?: string; readonly byteorder?: string } = {},
): Uint8Array {
  const keys = new Map<Uint8Array, string>();
  const weights = new Map<string, unknown>();
  for (const [name, tensor] of tensors) {
    const key = keys.get(tensor.storage) ?? String(keys.size);
    keys.set(tensor.storage, key);
    weights.set(name, pickledTensor(tensor, key));
  }
  const { folder = 'archive/', byteorder } = options;
  const text = (value: string) => new TextEncoder().encode(value);
  return zip(
    [
      [`${folder}data.pkl`, pickle(wrap(weights))],
      ...(byteorder === undefined ? [] : [[`${folder}byteorder`, text(byteorder)] as const]),
      ...[...keys].map(([bytes, key]) => [`${folder}data/${key}`, bytes] as const),
      [`${folder}version`, text('3\n')],
    ],
    options,
  );
}

/** The first pickle, a number, that torch.save wrote before PyTorch 1.6: as Python's pickle.dumps gives it for this protocol. */
export function legacyStart(protocol: 2 | 3 | 4 | 5): Uint8Array {
  const frame = [0x95, 13, 0, 0, 0, 0, 0, 0, 0];
  const number = [0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];
  return Uint8Array.from([0x80, protocol, ...(protocol < 4 ? [] : frame), ...number, 0x2e]);
}

/** What stands in the pickle for a tensor whose storage has this key. */
export function pickledTensor(tensor: StoredTensor, key: string): Call {
  const { storage, shape, type = 'FloatStorage', offset = 0 } = tensor;
  const elementBytes = type === 'FloatStorage' ? 4 : 2;
  const { length = storage.length / elementBytes, strides = rowMajor(shape.map(Number)) } = tensor;
  const id = new Persistent(['storage', new Global('torch', type), key, 'cpu', length]);
  const hooks = new Call(new Global('collections', 'OrderedDict'), []);
  return new Call(new Global('torch._utils', '_rebuild_tensor_v2'), [
    id,
    offset,
    [...shape],
    [...strides],
    false,
    hooks,
  ]);
}

function rowMajor(shape: readonly number[]): number[] {
  return shape.map((_, axis) => shape.slice(axis + 1).reduce((product, length) => product * length, 1));
}
