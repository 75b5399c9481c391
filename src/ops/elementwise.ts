import shader from '../glsl/elementwise.frag';
import type { Recorder } from '../tensor/recorder.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { requireShape } from './check.ts';
import { compute } from './compute.ts';

type Unary = 'SILU' | 'GELU' | 'SOFTPLUS';

function unary(engine: Recorder, x: Tensor, name: Unary): Tensor {
  return compute(engine, { shader, constants: { [name]: 1 } }, x.shape, { x, channels: x.shape[1] }, 8);
}

function binary(engine: Recorder, x: Tensor, other: Tensor, name: 'ADD' | 'MULTIPLY'): Tensor {
  const inputs = { x, other: requireShape('the second operand', other, x.shape), channels: x.shape[1] };
  return compute(engine, { shader, constants: { [name]: 1 } }, x.shape, inputs, 16);
}

/** x / (1 + exp(-x)). */
export const silu = (engine: Recorder, x: Tensor): Tensor => unary(engine, x, 'SILU');
/** x Phi(x), exact, not the tanh approximation. */
export const gelu = (engine: Recorder, x: Tensor): Tensor => unary(engine, x, 'GELU');
/** log(1 + exp(x)). */
export const softplus = (engine: Recorder, x: Tensor): Tensor => unary(engine, x, 'SOFTPLUS');
/** x + other, same shapes. @throws InputError when they differ. */
export const add = (engine: Recorder, x: Tensor, other: Tensor): Tensor => binary(engine, x, other, 'ADD');
/** x * other, same shapes. @throws InputError when they differ. */
export const multiply = (engine: Recorder, x: Tensor, other: Tensor): Tensor => binary(engine, x, other, 'MULTIPLY');
