/** Networks of the published sizes for rehearsals, which read no weights and need no device. */
import { Network } from '../../src/model/network.ts';
import type { Engine } from '../../src/tensor/engine.ts';
import { Lifetime } from '../../src/tensor/lifetime.ts';
import { Weights } from '../../src/tensor/weights.ts';
import { PUBLISHED, type VariantName } from '../reference/variants.ts';
import { checkpointOf } from './checkpoint.ts';
import { parameterShapes } from './parameters.ts';

const lifetime = new Lifetime();

/** What packing needs of an engine: here the packed weights have a size only. */
const nowhere = {
  lifetime,
  weights: (_: Float32Array, width: number, height: number) =>
    new Weights({}, width, height, height, lifetime, () => {}),
} as unknown as Engine;

const networks = new Map<VariantName, Promise<Network>>();

/** The published network without its weights, which can be rehearsed and not run; made once. */
export function publishedNetwork(name: VariantName): Promise<Network> {
  const made = networks.get(name) ?? pack(name);
  networks.set(name, made);
  return made;
}

function pack(name: VariantName): Promise<Network> {
  const zeros = new Float32Array(2 ** 22);
  const tensors = [...parameterShapes(PUBLISHED[name])].map(([key, shape]) => {
    const size = shape.reduce((a, b) => a * b, 1);
    return [key, { data: zeros.subarray(0, size), shape }] as const;
  });
  return Network.pack(nowhere, checkpointOf(new Map(tensors)));
}
