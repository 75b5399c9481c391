/** One engine and the model in use, opened when they are first needed. */
import { createEngine, DeviceError, type Engine, InputError, load, type Model, type Progress } from '../src/index.ts';
import type { Loaded, Pictures, Restored, Weights } from './messages.ts';
import { encodePng } from './png.ts';

export interface Watch {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
}

/** A device that worked went away. Unlike one that was never there, it may come back. */
export class LostError extends Error {
  override name = 'LostError';
}

export class Studio {
  private engine: Engine | null = null;
  /** What was restored last. Large, and needed whole only to be saved, so that it does not go to the page and back. */
  private result: ImageData | null = null;
  private current: { readonly key: string; readonly model: Model } | null = null;

  /** Loads weights unless they are the current ones. */
  async load(weights: Weights, watch: Watch): Promise<Loaded> {
    return this.guarded(async () => describe(await this.model(weights, watch)));
  }

  /** Restores a picture, or the pair of a dual-pixel camera; its pixels are kept as the result. */
  async restore(weights: Weights, { width, height, files }: Pictures, watch: Watch): Promise<Restored> {
    return this.guarded(async () => {
      const known = this.current?.key === weights.key;
      const model = await this.model(weights, watch);
      const { load, compile } = known ? { load: 0, compile: 0 } : model.timings;
      const start = performance.now();
      if (model.config.dualPixel && files.length === 1)
        throw new InputError(
          'These weights take the two pictures of a dual-pixel camera, left and right: open or drop both at once.',
        );
      // Before the picture is decoded, which takes time and memory in vain when it is too large.
      const { bytes } = await model.plan(width, height);
      // The engine's own peak is that of all runs since it was opened.
      const peakBytes = bytes + model.engine.memory.fixed;
      const [picture, right] = files;
      const image = await model.restore(right ? [picture, right] : picture, watch);
      const milliseconds = { load, compile, run: performance.now() - start };
      this.result = image;
      return { ...describe(model), image: await createImageBitmap(image), peakBytes, milliseconds };
    });
  }

  /** What was restored last as a PNG file. */
  encode(): Blob {
    if (!this.result) throw new InputError('The restored picture was lost when its worker stopped. Restore it again.');
    return new Blob([encodePng(this.result)], { type: 'image/png' });
  }

  private async model(weights: Weights, watch: Watch): Promise<Model> {
    if (this.current?.key === weights.key) return this.current.model;
    this.engine ??= await createEngine();
    this.forgetModel();
    const model = await load(weights.source, { engine: this.engine, ...watch });
    this.current = { key: weights.key, model };
    return model;
  }

  /** The old model goes before the new one comes: both at once may not fit. */
  private forgetModel(): void {
    this.current?.model.dispose();
    this.current = null;
    this.engine?.trim();
  }

  /** After a lost device the next task opens another. @throws LostError then. */
  private async guarded<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof DeviceError && this.engine)) throw error;
      this.forgetModel();
      this.engine.dispose();
      this.engine = null;
      throw new LostError('The graphics context was lost. Try again: a new one will be opened.', { cause: error });
    }
  }
}

function describe({ engine, variant, parameters }: Model): Loaded {
  return { renderer: engine.renderer, variant, parameters, memory: engine.memory };
}
