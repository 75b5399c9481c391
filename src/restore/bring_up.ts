/** From the bytes of a checkpoint to a network that can run. */
import { readCheckpoint } from '../model/formats.ts';
import { Network } from '../model/network.ts';
import type { Engine } from '../tensor/engine.ts';
import { pictureKernels } from './image.ts';
import { rehearse } from './rehearse.ts';
import { bytesOf, openSource, type WeightsSource } from './source.ts';
import type { Watch } from './watch.ts';

/** Side of the square for which kernels are collected: every kernel of a network is used at this size. */
const REHEARSAL_SIDE = 64;

/** How much of the stage 'load' is the download where there is one; the rest is packing. */
export const DOWNLOAD = 0.5;

/** `openSource` as the first part of the stage 'load'. */
export function openWeights(source: WeightsSource, { signal, onProgress }: Watch): Promise<Blob> {
  return openSource(source, signal, (fraction) => onProgress?.({ stage: 'load', fraction: DOWNLOAD * fraction }));
}

export interface BroughtUp {
  readonly network: Network;
  /** When its weights were on the device and its kernels still to be compiled, by performance.now(). */
  readonly loaded: number;
}

/**
 * Reads the weights and packs them into textures, and compiles what the network needs.
 * @param done of the stage 'load'
 * @throws InputError when the checkpoint is not of a VmambaIR network or damaged, DeviceError when the context is lost, the signal's reason
 * when it is aborted.
 */
export async function bringUp(engine: Engine, file: Blob, { signal, onProgress }: Watch, done = 0): Promise<BroughtUp> {
  const checkpoint = await readCheckpoint(bytesOf(file));
  signal?.throwIfAborted();
  const network = await Network.pack(engine, checkpoint, {
    signal,
    onFraction: (fraction) => onProgress?.({ stage: 'load', fraction: done + (1 - done) * fraction }),
  });
  try {
    const loaded = performance.now();
    onProgress?.({ stage: 'compile', fraction: 0 });
    const { kernels } = await rehearse(network, engine.format, REHEARSAL_SIDE, REHEARSAL_SIDE);
    await engine.compile([...kernels.values(), ...pictureKernels(network.config)], signal);
    signal?.throwIfAborted();
    onProgress?.({ stage: 'compile', fraction: 1 });
    return { network, loaded };
  } catch (error) {
    network.dispose();
    throw error;
  }
}
