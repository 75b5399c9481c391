/** What the page asks of its worker, and what comes of it. */
import type { Memory } from '../src/index.ts';

/** Weights by a key that tells them apart, since a file is copied on its way to the worker. */
export interface Weights {
  readonly key: string;
  /** A URL, relative to the page's folder, or a file. */
  readonly source: string | Blob;
}

/** As they were opened, and shown. */
export interface Pictures {
  readonly width: number;
  readonly height: number;
  /** One picture, or the left and the right one of a pair. */
  readonly files: readonly Blob[];
}

export interface Loaded {
  readonly renderer: string;
  readonly variant: string;
  readonly parameters: number;
  readonly memory: Memory;
}

export interface Restored extends Loaded {
  /** To be shown; the worker keeps the pixels. */
  readonly image: ImageBitmap;
  /** Most bytes that tensors took at once, with the weights. */
  readonly peakBytes: number;
  /** Of loading and compiling where this was needed for this picture. */
  readonly milliseconds: { readonly load: number; readonly compile: number; readonly run: number };
}

export interface Tasks {
  load: { readonly input: { readonly weights: Weights }; readonly output: Loaded };
  restore: {
    readonly input: { readonly weights: Weights; readonly pictures: Pictures };
    readonly output: Restored;
  };
  /** What was restored last as a PNG file. */
  encode: { readonly input: object; readonly output: Blob };
}

export type TaskName = keyof Tasks;

export type Request =
  | { readonly [N in TaskName]: { readonly id: number; readonly task: N } & Tasks[N]['input'] }[TaskName]
  | { readonly id: number; readonly task: 'stop' };
