/** What a run takes, found out without a device. */
import { type Network, SIZE_MULTIPLE } from '../model/network.ts';
import { Run } from '../model/run.ts';
import { type Engine, Rehearsal } from '../tensor/engine.ts';
import type { Extent } from '../tensor/pool.ts';
import { paddedSize } from './image.ts';

export interface Rehearsed {
  /** After a run that made no texture which was not left by the one before: what it took is what every further run takes. */
  readonly rehearsal: Rehearsal;
  /** Textures to make before the first run. */
  readonly reserve: readonly Extent[];
}

/**
 * Runs a network without a device: once to find its fullest moment, then with the textures of that moment reserved, since most of
 * what comes before and after fits into them, until a run makes no more.
 * @throws SizeError when a tensor exceeds the texture size.
 */
export async function rehearse(
  network: Network,
  { format }: Engine,
  width: number,
  height: number,
): Promise<Rehearsed> {
  const [h, w] = paddedSize(width, height, SIZE_MULTIPLE);
  const perform = async (rehearsal: Rehearsal): Promise<void> => {
    rehearsal.draws = 0;
    using image = rehearsal.allocate([1, network.config.inChannels, h, w]);
    using _output = await network.run(new Run(rehearsal), image);
  };
  const first = new Rehearsal(format);
  await perform(first);
  const reserve = first.fullest;
  const rehearsal = new Rehearsal(format, reserve);
  for (let made = -1; rehearsal.created > made; ) {
    made = rehearsal.created;
    await perform(rehearsal);
  }
  return { rehearsal, reserve };
}
