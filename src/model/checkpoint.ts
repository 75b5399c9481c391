/** Named parameters of a network, whatever the format of the file that they were read from. */
import { InputError } from '../tensor/errors.ts';
import { type DType, ELEMENT_BYTES, toFloat32 } from './dtype.ts';
import { gather } from './shape.ts';
import { shown } from './shown.ts';

export interface Entry {
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** Reads its bytes, from the first element to the last. */
  readonly read: () => Promise<Uint8Array>;
  /** Elements from one step to the next along each axis; row-major without gaps when there are none. */
  readonly strides?: readonly number[];
}

/** A parameter in memory. */
export interface Parameter {
  readonly shape: readonly number[];
  /** In row-major order. */
  readonly values: Float32Array;
}

/** Names, types and shapes are at hand. Values stay in the file, are read from there when they are asked for, and are not kept. */
export class Checkpoint {
  constructor(private readonly entries: ReadonlyMap<string, Entry>) {}

  /**
   * Drops the 'module.' that a model trained on several GPUs has ahead of its names.
   * @throws InputError when there are no entries, or two of one name.
   */
  static of(entries: Iterable<readonly [name: string, entry: Entry]>): Checkpoint {
    const named = new Map<string, Entry>();
    for (const [stored, entry] of entries) {
      const name = stored.replace(/^module\./, '');
      if (named.has(name)) throw new InputError(`The checkpoint has ${shown(name)} twice, with and without 'module.'.`);
      named.set(name, entry);
    }
    if (named.size === 0) throw new InputError('The checkpoint holds no tensors.');
    return new Checkpoint(named);
  }

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

  /** The type in which the parameter is stored. @throws InputError when there is no such parameter. */
  dtype(name: string): DType {
    return this.entry(name).dtype;
  }

  /**
   * Values in row-major order, converted to float32.
   * @throws InputError when there is no such parameter, it cannot be read or a value is not finite.
   */
  async values(name: string): Promise<Float32Array> {
    const { dtype, shape, read, strides } = this.entry(name);
    const bytes = await read();
    const values = toFloat32(dtype, strides ? gather(bytes, ELEMENT_BYTES[dtype], shape, strides) : bytes);
    const at = values.findIndex((v) => !Number.isFinite(v));
    if (at >= 0) throw new InputError(`The checkpoint's ${shown(name)} holds ${values[at]} at element ${at}.`);
    return values;
  }

  /** All parameters whose names begin so, with their values. @throws InputError as `values` does. */
  async read(prefix = ''): Promise<Map<string, Parameter>> {
    const parameters = new Map<string, Parameter>();
    for (const [name, { shape }] of this.entries)
      if (name.startsWith(prefix)) parameters.set(name, { shape, values: await this.values(name) });
    return parameters;
  }

  private entry(name: string): Entry {
    const entry = this.entries.get(name);
    if (!entry) throw new InputError(`The checkpoint has no ${name}.`);
    return entry;
  }
}
