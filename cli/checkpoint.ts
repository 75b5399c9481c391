import { inMemory } from '../src/model/bytes.ts';
import type { Checkpoint } from '../src/model/checkpoint.ts';
import { type Config, readConfig } from '../src/model/config.ts';
import { readCheckpoint } from '../src/model/formats.ts';
import { InputError } from '../src/tensor/errors.ts';
import { readWeights } from './weights.ts';

export interface OpenCheckpoint {
  readonly checkpoint: Checkpoint;
  readonly config: Config;
  /** Length of the file. */
  readonly bytes: number;
}

/** Reads the checkpoint of a network. @throws InputError with the name that the user gave. */
export async function openCheckpoint(source: string): Promise<OpenCheckpoint> {
  const bytes = await readWeights(source);
  return aboutCheckpoint(source, async () => {
    const checkpoint = await readCheckpoint(inMemory(bytes));
    return { checkpoint, config: readConfig(checkpoint), bytes: bytes.length };
  });
}

/** Puts the name of the checkpoint ahead of what is wrong with it. */
export async function aboutCheckpoint<T>(source: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(`The checkpoint '${source}' cannot be used: ${error.message}`, { cause: error });
  }
}
