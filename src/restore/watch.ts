/** What a caller may want of long work besides its result. */

export interface Progress {
  readonly stage: 'load' | 'compile' | 'run';
  /** From 0 to 1 within the stage. */
  readonly fraction: number;
}

export interface Watch {
  /** Stops the work between two of its parts; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}
