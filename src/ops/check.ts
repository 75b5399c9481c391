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
