/** What the page asks of the viewer's worker, and what comes of it. */
import type { View } from './view.ts';

/** What is to be seen. */
export interface Scene {
  /** The numbers of one picture, or of the one before and the one after. */
  readonly pictures: readonly number[];
  readonly view: View;
  /** How much of the seen picture shows the one before, from 0 to 1. */
  readonly share: number;
}

export type ViewerRequest =
  /** There is no canvas where the browser cannot hand one over. */
  | { readonly id: number; readonly task: 'start'; readonly canvas?: OffscreenCanvas }
  /** The picture gets the request's id as its number. */
  | { readonly id: number; readonly task: 'add'; readonly picture: Blob | ImageBitmap }
  /** Has no answer. */
  | { readonly task: 'draw'; readonly scene: Scene };

export interface Started {
  readonly renderer: string;
}

/** The size is that of the picture as it was given. */
export interface Added {
  readonly number: number;
  readonly width: number;
  readonly height: number;
}
