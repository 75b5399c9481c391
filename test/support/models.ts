/** The bundled models, once for all tests of a page, and their samples. */
import { load, type Model } from '../../src/index.ts';
import { sharedEngine } from './engine.ts';
import { blobOf } from './pictures.ts';

export type Bundled = 'derain' | 'sr';
type Sample = 'cat' | 'cup';

const models = new Map<Bundled, Promise<Model>>();

/** A bundled model on the shared engine, which nobody disposes. */
export function bundledModel(weights: Bundled): Promise<Model> {
  const made = models.get(weights) ?? sharedEngine().then((engine) => load(urlOf(weights), { engine }));
  models.set(weights, made);
  return made;
}

export function urlOf(weights: Bundled): string {
  return `/weights/${weights}-tiny.safetensors`;
}

/** What a model is given of a sample: it in rain, or it at a quarter of its size. */
export function degraded(weights: Bundled, sample: Sample): Promise<Blob> {
  return blobOf(`/samples/${sample}.${weights === 'derain' ? 'rain' : 'small'}.png`);
}
