/** What a run takes, found out without a device. */
import { type Network, SIZE_MULTIPLE } from '../model/network.ts';
import { Run } from '../model/run.ts';
import type { Format } from '../tensor/recorder.ts';
import { Rehearsal } from '../tensor/rehearsal.ts';
import { paddedSize } from './image.ts';

/**
 * Runs a network without a device, in the format of an engine, for a picture of this size.
 * @param room that parts may take, as the network sizes them unless told
 * @throws SizeError when a tensor exceeds the texture size.
 */
export async function rehearse(
  network: Network,
  format: Format,
  width: number,
  height: number,
  room?: number,
): Promise<Rehearsal> {
  const rehearsal = new Rehearsal(format);
  const [h, w] = paddedSize(width, height, SIZE_MULTIPLE);
  using image = rehearsal.allocate([1, network.config.inChannels, h, w]);
  using _output = await network.run(new Run(rehearsal, { room }), image);
  return rehearsal;
}
