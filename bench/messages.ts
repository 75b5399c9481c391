/** What the page and a worker, which is one contender, say to each other. */
import type { Name } from './contenders/names.ts';
import type { MeasuredLimits, ProbeTimes } from './limits/limits.ts';
import type { Work } from './results.ts';

export interface Calls {
  /** Comes first. */
  open: { readonly input: { readonly contender: Name }; readonly output: Opened };
  /** What the device can do at most; the engine tells. */
  limits: { readonly input: { readonly before?: ProbeTimes }; readonly output: MeasuredLimits };
  /** The ways in which a case is done; none when it cannot be. */
  ways: { readonly input: { readonly name: string }; readonly output: readonly string[] };
  /** Makes the job of a case going one way, and runs it for the first time. A worker has one job. */
  prepare: { readonly input: { readonly name: string; readonly way: string }; readonly output: Prepared };
  /** What one run of the job asks of the device; the engine tells. */
  work: { readonly input: object; readonly output: Work | null };
  /** Runs the job several times in a row, and waits for the last. */
  run: { readonly input: { readonly burst: number }; readonly output: Ran };
}

export interface Opened {
  readonly about: string;
  readonly attachments?: number;
}

export interface Prepared {
  /** Of the first run. */
  readonly milliseconds: number;
  readonly output: Float32Array<ArrayBuffer>;
  /** Most bytes of GPU memory so far, weights apart. */
  readonly bytes?: number;
}

/** Of one run: its share of a burst. */
export interface Ran {
  readonly milliseconds: number;
  /** By the GPU's own clock. */
  readonly gpu?: number;
}

export type CallName = keyof Calls;
export type Request = {
  readonly [N in CallName]: { readonly id: number; readonly call: N } & Calls[N]['input'];
}[CallName];
export type Reply =
  | { readonly id: number; readonly output: Calls[CallName]['output'] }
  | { readonly id: number; readonly error: string };
