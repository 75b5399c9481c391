/**
 * What a device can do at most, each by a probe kernel that does little else.
 *
 * A probe's work is a loop of `count` rounds. What counts is the difference between a run of many rounds and one of none, which is free
 * of everything else: the draw, the fragments, the wait. Whatever else happens on a machine only adds time, so the best of several is it.
 */
import { createEngine, type Engine, type EngineOptions } from '../../src/index.ts';
import type { Inputs } from '../../src/tensor/draw.ts';
import type { ShaderSource } from '../../src/tensor/program.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { waitForPixel } from '../contenders/completion.ts';
import type { Limits } from '../results.ts';
import exponentialShader from './exponential.frag';
import fetchShader from './fetch.frag';
import bothShader from './fetch_and_multiply_add.frag';
import multiplyAddShader from './multiply_add.frag';
import passOnShader from './pass_on.frag';
import writeShader from './write.frag';

/** Milliseconds. */
const LONG_ENOUGH = 50;
const REPEATS = 7;
/** A count is an int in the shader. */
const MOST_ROUNDS = 2 ** 30;
const SIDE = 256;
/** Steps in a round of the probes for arithmetic: with one, the loop itself would take a third of the time on SwiftShader. */
const STEPS = 4;

/** Seconds that a round of each probe takes at best. */
export interface ProbeTimes {
  readonly multiplyAdd: number;
  readonly exponential: number;
  readonly fetch: number;
  readonly write: number;
  /** Two draws. */
  readonly draw: number;
  /** A fetch with so many steps of multiply-adds that either alone would take about as long. */
  readonly both: number;
  readonly steps: number;
}

export interface MeasuredLimits {
  readonly limits: Limits;
  readonly times: ProbeTimes;
}

export interface LimitsOptions {
  /** Of an earlier measurement of this device: of each probe the shorter time counts. */
  readonly before?: ProbeTimes;
  /** Milliseconds that a probe runs at least. */
  readonly longEnough?: number;
}

/**
 * Measures a device, in some seconds.
 * @param options of the engine that is judged by it: what its kernels write, and how they read texels
 */
export async function measureLimits(
  gl: WebGL2RenderingContext,
  options: Pick<EngineOptions, 'attachments' | 'fetch'>,
  { before, longEnough = LONG_ENOUGH }: LimitsOptions = {},
): Promise<MeasuredLimits> {
  const engine = await createEngine(gl, options);
  const { attachments } = engine.format;
  // 131072 fragments with eight attachments, enough to fill a GPU.
  using out = engine.allocate([1, 8 * attachments, SIDE, SIDE]);
  using x = input(engine);
  using one = engine.tensor([1], [1, 1, 1, 1]);
  using other = engine.tensor([1], [1, 1, 1, 1]);
  const row = [0.3, 0.2, -0.1, 0.25];
  const start = [0.5, 0.6, 0.7, 0.8];

  const loop = (shader: ShaderSource, inputs: Inputs): Probe => ({
    out,
    issue: (count) => engine.draw({ shader }, out, { ...inputs, count }, 1),
  });
  const [multiplyAdd, exponential, fetch, write, draw] = await secondsEach(gl, longEnough, [
    loop(multiplyAddShader, { row, x: start }),
    loop(exponentialShader, { x: start }),
    loop(fetchShader, { x }),
    { out, issue: repeat(() => engine.draw({ shader: writeShader }, out, { value: start }, 1)) },
    {
      out: one,
      issue: repeat(() => {
        // Two draws, each of which needs the one before, as in a network.
        engine.draw({ shader: passOnShader }, other, { x: one }, 1);
        engine.draw({ shader: passOnShader }, one, { x: other }, 1);
      }),
    },
  ]);
  // Of equal parts the sum is twice the longer, which no noise makes up for. As many steps as before, so that times compare.
  const steps = before?.steps ?? Math.max(1, Math.round((STEPS * fetchAlone({ multiplyAdd, fetch })) / multiplyAdd));
  const [both] = await secondsEach(gl, longEnough, [loop(bothShader, { x, row, steps })]);
  engine.dispose();

  const now = { multiplyAdd, exponential, fetch, write, draw, both, steps };
  const times = before ? shorterTimes(before, now) : now;
  return { limits: limitsOf(times, out.quads * SIDE * SIDE), times };
}

/** @param texels of four floats that a round of each probe is about */
export function limitsOf(times: ProbeTimes, texels: number): Limits {
  const { multiplyAdd, exponential, fetch, write, draw, both, steps } = times;
  const [less, more] = [(multiplyAdd * steps) / STEPS, fetchAlone(times)].sort((a, b) => a - b);
  const overlap = both < more + less / 2;
  return {
    multiplyAdds: (STEPS * 16 * texels) / multiplyAdd,
    exponentials: (STEPS * 4 * texels) / exponential,
    fetches: texels / (overlap ? fetch : fetchAlone(times)),
    writes: texels / Math.max(write - draw / 2, write / 2),
    draw: draw / 2,
    overlap,
  };
}

/** The fetch probe adds four floats for each texel, which is no part of the fetch. */
function fetchAlone({ multiplyAdd, fetch }: Pick<ProbeTimes, 'multiplyAdd' | 'fetch'>): number {
  const additions = multiplyAdd / STEPS / 4;
  // On a busy machine what is to be taken off can come out as longer than all: half of the time is left.
  return Math.max(fetch - additions, fetch / 2);
}

/** Of each probe the shorter time; the steps are the same. */
export function shorterTimes(a: ProbeTimes, b: ProbeTimes): ProbeTimes {
  return {
    multiplyAdd: Math.min(a.multiplyAdd, b.multiplyAdd),
    exponential: Math.min(a.exponential, b.exponential),
    fetch: Math.min(a.fetch, b.fetch),
    write: Math.min(a.write, b.write),
    draw: Math.min(a.draw, b.draw),
    both: Math.min(a.both, b.both),
    steps: a.steps,
  };
}

function input(engine: Engine): Tensor {
  const size = 16 * SIDE * SIDE;
  return engine.tensor(
    Float32Array.from({ length: size }, (_, i) => 0.5 + (i % 1024) / 2048),
    [1, 16, SIDE, SIDE],
  );
}

interface Probe {
  /** Issues `count` rounds of something, or none of it. */
  issue(count: number): void;
  /** What they write to: reading another tensor would not wait for them. */
  readonly out: Tensor;
}

function repeat(issueOne: () => void): Probe['issue'] {
  return (count) => {
    for (let i = 0; i < count; i++) issueOne();
  };
}

/** Seconds that a round of each probe takes. They run in turn, so that whatever slows the machine for a while slows them alike. */
async function secondsEach(
  gl: WebGL2RenderingContext,
  longEnough: number,
  probes: readonly Probe[],
): Promise<number[]> {
  const milliseconds = async ({ issue, out }: Probe, count: number): Promise<number> => {
    // Whatever the page has waiting runs before the clock does.
    await new Promise((resolve) => setTimeout(resolve));
    const begin = performance.now();
    issue(count);
    waitForPixel(gl, out.storage.framebuffer);
    return performance.now() - begin;
  };
  const counts: number[] = [];
  for (const probe of probes) {
    await milliseconds(probe, 1); // compiles
    const enough = (await milliseconds(probe, 0)) + longEnough;
    let count = 1;
    while (count < MOST_ROUNDS && (await milliseconds(probe, count)) < enough) count *= 2;
    counts.push(count);
  }
  const many = probes.map(() => Number.POSITIVE_INFINITY);
  const none = probes.map(() => Number.POSITIVE_INFINITY);
  let unsettled = probes.map((_, k) => k);
  while (unsettled.length > 0) {
    for (let i = 0; i < REPEATS; i++) {
      for (const k of unsettled) {
        many[k] = Math.min(many[k], await milliseconds(probes[k], counts[k]));
        none[k] = Math.min(none[k], await milliseconds(probes[k], 0));
      }
    }
    // What looked long enough may have been a pause of the machine: such a count grows until its rounds stand out.
    unsettled = unsettled.filter((k) => counts[k] < MOST_ROUNDS && many[k] - none[k] < longEnough / 2);
    for (const k of unsettled) {
      counts[k] *= 2;
      many[k] = Number.POSITIVE_INFINITY;
    }
  }
  return counts.map((count, k) => (many[k] - none[k]) / 1000 / count);
}
