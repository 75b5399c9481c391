import { Run, type RunOptions } from '../../src/model/run.ts';
import type { Recorder } from '../../src/tensor/recorder.ts';

/** A run in which all that can be done in parts of channels is, as in large pictures: there is no room for more. */
export function runInParts(engine: Recorder, options: RunOptions = {}): Run {
  return new Run(engine, { ...options, room: 0 });
}
