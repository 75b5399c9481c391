import { inMemory } from '../../src/model/bytes.ts';
import { Checkpoint } from '../../src/model/checkpoint.ts';
import { readSafetensors } from '../../src/model/safetensors.ts';
import { fixtureBytes } from './fixtures.ts';
import type { Tensor } from './safetensors.ts';

/** A fixture's weights as the network takes them. */
export async function fixtureCheckpoint(name: string): Promise<Checkpoint> {
  return readSafetensors(inMemory(new Uint8Array(await fixtureBytes(name))));
}

/** Named float32 values as a checkpoint. */
export function checkpointOf(tensors: ReadonlyMap<string, Pick<Tensor, 'data' | 'shape'>>): Checkpoint {
  const bytes = ({ data }: Pick<Tensor, 'data'>): Uint8Array =>
    new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return new Checkpoint(
    new Map([...tensors].map(([name, t]) => [name, { dtype: 'F32', shape: t.shape, read: async () => bytes(t) }])),
  );
}
