/** The bundled models and what they restore, once for all tests of a page: samples take seconds. */
import { load, type Model } from '../../src/index.ts';
import { sharedEngine } from './engine.ts';
import { blobOf } from './pictures.ts';

export type Bundled = 'derain' | 'sr';
export type Sample = 'cat' | 'cup';

/** Made at its first use. */
function once<T>(cache: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const made = cache.get(key) ?? make();
  cache.set(key, made);
  return made;
}

const models = new Map<string, Promise<Model>>();
const restored = new Map<string, Promise<ImageData>>();

/** A bundled model on the shared engine, which nobody disposes. */
export function bundledModel(weights: Bundled): Promise<Model> {
  return once(models, weights, async () => load(urlOf(weights), { engine: await sharedEngine() }));
}

export function urlOf(weights: Bundled): string {
  return `/weights/${weights}-tiny.safetensors`;
}

/** What a model is given of a sample: it in rain, or it at a quarter of its size. */
export function degraded(weights: Bundled, sample: Sample): Promise<Blob> {
  return blobOf(`/samples/${sample}.${weights === 'derain' ? 'rain' : 'small'}.png`);
}

/** A sample restored in float32. */
export function restoredSample(weights: Bundled, sample: Sample): Promise<ImageData> {
  return once(restored, `${weights} ${sample}`, async () =>
    (await bundledModel(weights)).restore(await degraded(weights, sample)),
  );
}
