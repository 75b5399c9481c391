import { DISPOSE } from '../tensor/dispose.ts';
import type { Weights } from '../tensor/weights.ts';

/** Parameters of an operation as its kernel reads them. Whoever packed them owns them and disposes them, by `dispose()` or with `using`. */
export interface Packed {
  readonly texels: Weights;
  dispose(): void;
  [DISPOSE](): void;
}

/** @param facts what the operation has to know of its parameters beside their values */
export function packed<T extends object>(texels: Weights, facts: T): T & Packed {
  const dispose = (): void => texels.dispose();
  return { ...facts, texels, dispose, [DISPOSE]: dispose };
}
