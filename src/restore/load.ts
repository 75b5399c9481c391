/** The way in: from a checkpoint, wherever it is, to a model. */
import { createEngine, type Engine, type EngineOptions } from '../tensor/engine.ts';
import { InputError } from '../tensor/errors.ts';
import { bringUp, DOWNLOAD, openWeights } from './bring_up.ts';
import { Model } from './model.ts';
import type { WeightsSource } from './source.ts';
import type { Watch } from './watch.ts';

/** With the options of an engine, for the one that the model opens. */
export interface LoadOptions extends Watch, EngineOptions {
  /** An engine to share; without one the model opens its own and disposes it with itself. */
  readonly engine?: Engine;
}

/**
 * Loads a checkpoint, .safetensors or .pth, and compiles what it needs.
 * @throws InputError when it is not of a VmambaIR network or damaged, or when an option cannot be used; DeviceError when there is no
 * usable WebGL2 device or its context is lost; the signal's reason when it is aborted.
 */
export async function load(
  source: WeightsSource,
  { engine, signal, onProgress, ...options }: LoadOptions = {},
): Promise<Model> {
  const given = Object.entries(options).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  if (engine && given.length > 0)
    throw new InputError(`A model takes an engine or options to open its own with (${given.join(', ')}), not both.`);
  const watch = { signal, onProgress };
  const start = performance.now();
  // Before the download, which is in vain on a device that cannot run the network.
  const used = engine ?? (await createEngine(undefined, options));
  try {
    const file = await openWeights(source, watch);
    const downloaded = typeof source === 'string' || source instanceof URL;
    const { network, loaded } = await used.attempt(() => bringUp(used, file, watch, downloaded ? DOWNLOAD : 0));
    const timings = { load: loaded - start, compile: performance.now() - loaded };
    return new Model(used, network, file, timings, engine === undefined);
  } catch (error) {
    if (!engine) used.dispose();
    throw error;
  }
}
