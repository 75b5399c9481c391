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

/** @throws InputError naming the choices when an option, if given, is none of them. */
export function expectChoice<T>(what: string, value: T | undefined, choices: readonly T[]): void {
  if (value !== undefined && !choices.includes(value))
    throw new InputError(`${what} is one of ${choices.join(', ')}, not ${value}.`);
}

/** The parts that channels are divided into, all in one unless told. @throws InputError when they do not add up to them. */
export function requireParts(parts: readonly number[] | undefined, channels: number): readonly number[] {
  const sizes = parts ?? [channels];
  if (!sizes.every((n) => Number.isInteger(n) && n > 0) || sizes.reduce((a, b) => a + b, 0) !== channels)
    throw new InputError(`Parts of ${sizes.join(' + ')} channels do not make up ${channels}.`);
  return sizes;
}
