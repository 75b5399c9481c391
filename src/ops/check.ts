import { InputError } from '../tensor/errors.ts';
import type { Shape } from '../tensor/layout.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** @throws InputError naming both shapes when they differ. */
export function expectShape(what: string, tensor: Tensor, shape: Shape): void {
  if (tensor.shape.join() !== shape.join()) {
    throw new InputError(`The shape of ${what} is [${shape.join(', ')}], not [${tensor.shape.join(', ')}].`);
  }
}

/** The tensor itself, once its shape is checked. */
export function requireShape(what: string, tensor: Tensor, shape: Shape): Tensor {
  expectShape(what, tensor, shape);
  return tensor;
}

/** @throws InputError naming both when there are more or fewer values than there should be. */
export function expectLength(what: string, values: ArrayLike<number>, length: number): void {
  if (values.length !== length) throw new InputError(`The length of ${what} is ${length}, not ${values.length}.`);
}

/** @throws InputError naming the choices when an option, if given, is none of them. */
export function expectChoice<T>(what: string, value: T | undefined, choices: readonly T[]): void {
  if (value !== undefined && !choices.includes(value))
    throw new InputError(`${what} is one of ${choices.join(', ')}, not ${value}.`);
}

/**
 * Some channels of a whole, of which kernels read or write whole quads: what lies beyond the range in its last one must be zero, as it is where
 * a part ends.
 * @param ends of the parts, the last of which is the whole's
 * @throws InputError when they do not begin at a multiple of 4, and end at one or with a part.
 */
export function expectRange(what: string, first: number, count: number, ends: readonly number[]): void {
  const end = first + count;
  const inside = first >= 0 && count > 0 && end <= Math.max(...ends);
  if (!(Number.isInteger(first / 4) && inside && (end % 4 === 0 || ends.includes(end))))
    throw new InputError(
      `Channels ${first} to ${end - 1} are no range of ${what}: one begins at a multiple of 4, and ends at one or with a part.`,
    );
}

/** The parts that channels are divided into, all in one unless told. @throws InputError when they do not add up to them. */
export function requireParts(parts: readonly number[] | undefined, channels: number): readonly number[] {
  const sizes = parts ?? [channels];
  if (!sizes.every((n) => Number.isInteger(n) && n > 0) || sizes.reduce((a, b) => a + b, 0) !== channels)
    throw new InputError(`Parts of ${sizes.join(' + ')} channels do not make up ${channels}.`);
  return sizes;
}
