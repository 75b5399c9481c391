/** One engine for all tests of a page, and operations run on it from float64 arrays and back. */
import * as assert from 'uvu/assert';
import { createEngine, type Engine } from '../../src/tensor/engine.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { type Array4, array4 } from '../reference/array.ts';
import { assertClose } from './close.ts';

/** Draws on tensors and returns a new one, or a view of one of them. */
export type Operation = (engine: Engine, ...tensors: Tensor[]) => Tensor;

let shared: Promise<Engine> | undefined;

/** Contexts are few and programs slow to compile, so that all tests which can share an engine do. */
export function sharedEngine(): Promise<Engine> {
  shared ??= createEngine();
  return shared;
}

export function upload(engine: Engine, { data, shape }: Array4): Tensor {
  return engine.tensor(data, shape);
}

/** Runs `use` and then disposes what it used: the GPU keeps a texture until the draws that read it are done. */
export function using<W extends { dispose(): void }, R>(weights: W, use: (weights: W) => R): R {
  try {
    return use(weights);
  } finally {
    weights.dispose();
  }
}

/** Runs an operation on arrays; neither it nor its inputs leave anything behind. */
export async function operate(inputs: readonly Array4[], operation: Operation, engine?: Engine): Promise<Array4> {
  const on = engine ?? (await sharedEngine());
  return leakFree(on, async () => {
    const tensors: Tensor[] = [];
    try {
      for (const input of inputs) tensors.push(upload(on, input));
      const result = operation(on, ...tensors);
      tensors.push(result);
      const values = await result.read();
      assert.is(on.gl.getError(), on.gl.NO_ERROR, 'an error of WebGL, which is silent');
      return array4(values, result.shape);
    } finally {
      for (const tensor of tensors) tensor.dispose();
    }
  });
}

/** What `f` makes and returns takes no bytes of tensors, weights or pictures once it is over, also where it fails. */
export async function leakFree<T>(engine: Engine, f: () => T | Promise<T>): Promise<T> {
  const before = engine.memory;
  try {
    return await f();
  } finally {
    const { live, fixed } = engine.memory;
    assert.is(live, before.live, 'bytes of tensors were left behind');
    assert.is(fixed, before.fixed, 'bytes of weights or pictures were left behind');
  }
}

/** The worst relative error by tolerance since the last report. */
const worst = new Map<number, number>();

/** Shape, and values within `tolerance` by `assertClose`. */
export function close(actual: Array4, expected: Array4, tolerance: number, what: string): void {
  assert.equal([...actual.shape], [...expected.shape], `${what}: shape`);
  const relative = assertClose(actual.data, expected.data, tolerance, what);
  if (tolerance > 0) worst.set(tolerance, Math.max(worst.get(tolerance) ?? 0, relative));
}

/** `operate` and `close` in one. */
export async function check(
  what: string,
  inputs: readonly Array4[],
  operation: Operation,
  expected: Array4,
  tolerance: number,
): Promise<void> {
  close(await operate(inputs, operation), expected, tolerance, what);
}

/** Prints the worst relative errors since the last call, so that a loss of accuracy shows before a tolerance breaks. */
export function reportWorst(operation: string): void {
  const errors = [...worst].map(([tolerance, error]) => `${error.toExponential(1)} of ${tolerance.toExponential(0)}`);
  console.log(`${operation}: worst relative error ${errors.join(', ')}`);
  worst.clear();
}
