/** The page's side: runs the cases and hands each result over as soon as it is there. */
import type { Contender, Job } from './contenders/contender.ts';
import { openContenders } from './contenders/index.ts';
import { interleave, type Plan, relativeError, type Timed } from './measure.ts';
import type { CaseResult, Entry } from './results.ts';
import type { Case } from './sections/case.ts';
import { cases } from './sections/index.ts';

/** Outputs further apart than this are not worth a timing. */
const TOLERANCE = 1e-4;

export interface PageOptions {
  /** Cases with one of these in their names; all when empty. */
  readonly only: readonly string[];
  readonly plan: Plan;
}

/** @returns what the contenders are, by name. */
export async function run(
  { only, plan }: PageOptions,
  report: (result: CaseResult) => Promise<void>,
): Promise<Record<string, string>> {
  const contenders = await openContenders();
  for (const each of cases) {
    if (only.length > 0 && !only.some((text) => each.name.includes(text))) continue;
    await report(await measure(each, contenders, plan));
  }
  for (const contender of contenders) contender.dispose();
  return Object.fromEntries(contenders.map(({ name, about }) => [name, about]));
}

/** An entry, with the job to time when it computes what it should. */
interface Candidate {
  readonly entry: Entry;
  readonly job?: Job;
}

async function measure(each: Case, contenders: readonly Contender[], plan: Plan): Promise<CaseResult> {
  const candidates = await prepare(each, contenders);
  const jobs = candidates.flatMap(({ job }) => (job ? [job] : []));
  const timings = await interleave(jobs.map(timed), plan);
  for (const job of jobs) job.dispose();
  const { name, flops, requirement } = each;
  const entries = candidates.map(({ entry, job }) => (job ? { ...entry, timing: timings[jobs.indexOf(job)] } : entry));
  return { name, flops, requirement, entries };
}

/** Runs everybody once and compares the outputs with the first. */
async function prepare(each: Case, contenders: readonly Contender[]): Promise<Candidate[]> {
  const candidates: Candidate[] = [];
  let expected: ArrayLike<number> | undefined;
  for (const contender of contenders) {
    for (const [way, make] of Object.entries(each.ways(contender) ?? {})) {
      const who = { contender: contender.name, way };
      try {
        const job = make();
        const values = await outputOf(job);
        expected ??= values;
        const error = relativeError(values, expected);
        if (error <= TOLERANCE) {
          candidates.push({ entry: { ...who, error }, job });
        } else {
          candidates.push({ entry: { ...who, error, failure: `off by ${error.toExponential(1)}` } });
          job.dispose();
        }
      } catch (error) {
        candidates.push({ entry: { ...who, failure: String(error).split('\n')[0] } });
      }
    }
  }
  return candidates;
}

async function outputOf(job: Job): Promise<ArrayLike<number>> {
  const output = job.run();
  try {
    return await output.read();
  } finally {
    output.dispose();
  }
}

function timed(job: Job): Timed {
  return async () => {
    // Whatever the page has waiting runs before the clock does.
    await new Promise((resolve) => setTimeout(resolve));
    const begin = performance.now();
    const output = job.run();
    await output.finish();
    const end = performance.now();
    output.dispose();
    return end - begin;
  };
}
