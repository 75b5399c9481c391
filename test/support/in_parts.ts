import { Run, type RunOptions } from '../../src/model/run.ts';
import type { Recorder } from '../../src/tensor/recorder.ts';

/** A run in which all that can be done in parts of channels is, as in large pictures: there is no cache, and no scan that is wider. */
export function runInParts(engine: Recorder, options: RunOptions = {}): Run {
  const run = new Run(engine, { ...options, cacheBytes: 0 });
  run.widestScan = [1, 1, 1, 1];
  return run;
}
