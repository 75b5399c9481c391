/** From the bytes of a checkpoint to a network that can run. */
import { readCheckpoint } from '../model/formats.ts';
import { Network } from '../model/network.ts';
import type { Engine } from '../tensor/engine.ts';
import { rehearse } from './rehearse.ts';
import { readSource, type WeightsSource } from './source.ts';
import type { Watch } from './watch.ts';

/** Side of the square for which kernels are collected: every kernel of a network is used at this size. */
const REHEARSAL_SIDE = 64;

/** How much of the stage 'load' is reading; the rest is packing. */
const READING = 0.5;

/** `readSource` as the first part of the stage 'load'. */
export function readWeights(source: WeightsSource, { signal, onProgress }: Watch): Promise<Uint8Array> {
  return readSource(source, signal, (fraction) => onProgress?.({ stage: 'load', fraction: READING * fraction }));
}

export interface BroughtUp {
  readonly network: Network;
  /** When its weights were on the device and its kernels still to be compiled, by performance.now(). */
  readonly loaded: number;
}

/**
 * Packs the weights into textures, and compiles what the network needs.
 * @throws InputError when the checkpoint is not of a VmambaIR network or damaged, DeviceError when the context is lost, the signal's reason
 * when it is aborted.
 */
export async function bringUp(engine: Engine, bytes: Uint8Array, { signal, onProgress }: Watch): Promise<BroughtUp> {
  const checkpoint = readCheckpoint(bytes);
  signal?.throwIfAborted();
  const network = await Network.pack(engine, checkpoint, {
    signal,
    onFraction: (fraction) => onProgress?.({ stage: 'load', fraction: READING + (1 - READING) * fraction }),
  });
  try {
    const loaded = performance.now();
    onProgress?.({ stage: 'compile', fraction: 0 });
    const { kernels } = await rehearse(network, engine.format, REHEARSAL_SIDE, REHEARSAL_SIDE);
    await engine.compile(kernels.values());
    signal?.throwIfAborted();
    onProgress?.({ stage: 'compile', fraction: 1 });
    return { network, loaded };
  } catch (error) {
    network.dispose();
    throw error;
  }
}
