/** Measures cases one after the other: who runs, how often, and what is made of it. */
import { NAMES, type Name, OPTIONS_OF_ENGINE, worksOnCard } from './contenders/names.ts';
import type { Crew } from './crew.ts';
import type { MeasuredLimits, ProbeTimes } from './limits/limits.ts';
import { interleave, type Runner, relativeError, summary } from './measure.ts';
import type { Prepared, Ran } from './messages.ts';
import { burstFor, leadInAfter, Predictor, repeatsFor, secondCounts, verdictOn } from './plan.ts';
import type { Remote } from './remote.ts';
import { concerns } from './report/compare.ts';
import type { CaseResult, DeviceResult, Entry, SectionResult, Work } from './results.ts';
import type { Case, Section } from './sections/case.ts';
import { limits as limitsSection } from './sections/limits.ts';
import { waysFor } from './ways.ts';

/** Outputs further apart than this are not worth a timing. */
const TOLERANCE = 1e-4;
/** The same for half storage: twice what it promises of trained networks, since published sizes have weights from a formula here. */
const HALF_TOLERANCE = 4e-2;
/** Milliseconds after which a run is given up: the browser, or the driver, is stuck, or nobody can wait for it. */
const LIMIT = 240_000;

const ENGINE = NAMES[0];

/** Limits, or why there are none. */
export type LimitsResult = Pick<DeviceResult, 'limits' | 'limitsFailure'>;

/** A section's result, while cases are added to it. */
export type Growing = Omit<SectionResult, 'cases'> & { readonly cases: CaseResult[] };

export interface Plan {
  readonly repeats: number;
  readonly software: boolean;
  /** Whether cases are done by those only who do them on drivers in software, and in ways that somebody is judged by. */
  readonly short: boolean;
}

export interface MeasurerEvents {
  onStatus?(text: string): void;
  onCase(section: Pick<SectionResult, 'id' | 'title'>, result: CaseResult): void;
  readonly signal?: AbortSignal;
}

/** An entry, with the worker whose job is still to be timed where there is one. */
interface Candidate {
  readonly entry: Entry;
  readonly timed?: { readonly remote: Remote; readonly first: number };
}

/** Somebody about to go one way, in a worker that has done nothing yet. */
interface Attempt {
  readonly entry: Entry;
  readonly remote: Remote;
  readonly verdict: 'run' | 'once';
}

export class Measurer {
  private readonly predictor = new Predictor();
  /** Entries by case: one that is in several sections is measured once. */
  private readonly measured = new Map<string, readonly Entry[]>();
  /** The engine's work by case. */
  private readonly works = new Map<string, Work>();
  /** When the graphics card was last seen at work. */
  private cardWorked = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly crew: Pick<Crew, 'names' | 'about' | 'start' | 'dismiss'>,
    private readonly plan: Plan,
    private readonly events: MeasurerEvents,
  ) {}

  /** What the device can do, by the engine. Where that fails, the sections go on without it. */
  async limits(before?: ProbeTimes): Promise<MeasuredLimits | LimitsResult> {
    this.status(limitsSection.title);
    const remote = await this.crew.start(ENGINE);
    const found = remote
      ? await remote.call('limits', { before }, LIMIT).catch((error): string => this.failure(error))
      : this.crew.about[ENGINE];
    this.crew.dismiss();
    return typeof found === 'string' ? { limitsFailure: found } : found;
  }

  /** Adds a section to the results, and its cases as they come. */
  async section(section: Section, results: Growing[]): Promise<void> {
    const { id, title, measures } = section;
    const begun = results.find((each) => each.id === id);
    const cases = begun?.cases ?? [];
    if (!begun) results.push({ id, title, cases });
    for (const each of section.cases) {
      const entries = await this.entries(each, measures);
      const { name, flops, pixels, requirements, share } = each;
      const work = this.works.get(name);
      const result: CaseResult = { name, flops, pixels, work, requirements, share, entries };
      cases.push(result);
      this.events.onCase({ id, title }, result);
      // Textures and memory of one case are not there in the next.
      this.crew.dismiss();
    }
  }

  private async entries(each: Case, measures: Section['measures']): Promise<readonly Entry[]> {
    if (measures === 'first') return this.firsts(each);
    const known = this.measured.get(each.name);
    const entries = known ?? (await this.measure(each, measures !== 'bytes'));
    // Half of what is needed for times is not enough for them.
    if (measures !== 'bytes') this.measured.set(each.name, entries);
    if (measures === 'time') return entries.map((entry) => ({ ...entry, bytes: undefined }));
    return measures === 'bytes' ? entries.filter(concernsBytes).map(bytesOf) : entries;
  }

  private async measure(each: Case, timed: boolean): Promise<Entry[]> {
    const candidates = await this.prepare(each, timed);
    const runnable = candidates.filter((candidate) => candidate.timed);
    const runs = await this.time(each, runnable);
    return candidates.map((candidate) => {
      const ran = runs[runnable.indexOf(candidate)];
      return ran === undefined ? candidate.entry : { ...candidate.entry, ...this.timingOf(each, candidate, ran) };
    });
  }

  /** Runs everybody once and compares the outputs with the engine's. */
  private async prepare(each: Case, timed: boolean): Promise<Candidate[]> {
    const candidates: Candidate[] = [];
    let expected: Float32Array | undefined;
    for (const contender of this.namesFor(each)) {
      this.statusOf(each, contender);
      let remote = await this.crew.start(contender);
      if (!remote) continue;
      const ways = await remote.call('ways', { name: each.name }).catch((error: Error) => error);
      if (ways instanceof Error) {
        candidates.push({ entry: { contender, way: 'default', failure: ways.message } });
        continue;
      }
      for (const way of waysFor(each, contender, ways, this.plan.short)) {
        const entry: Entry = { contender, way };
        if (contender !== ENGINE && !expected) {
          candidates.push({ entry: { ...entry, failure: nothingToCompareWith(candidates[0]?.entry) } });
          continue;
        }
        const predicted = this.plan.software ? this.predicted(each, entry) : undefined;
        const verdict = verdictOn(predicted);
        if (verdict === 'never') {
          candidates.push({ entry: { ...entry, predicted } });
          continue;
        }
        this.statusOf(each, contender, way);
        // Each way has a worker of its own, so that its memory is not added to that of the one before.
        remote ??= await this.crew.start(contender);
        if (!remote) {
          candidates.push({ entry: { ...entry, failure: this.crew.about[contender] } });
          continue;
        }
        const { candidate, output } = await this.prepareOne(each, { entry, remote, verdict }, expected, timed);
        candidates.push(candidate);
        if (contender === ENGINE && candidate.entry.failure === undefined) expected ??= output;
        remote = undefined;
      }
    }
    return candidates;
  }

  private async prepareOne(
    each: Case,
    { entry, remote, verdict }: Attempt,
    expected: Float32Array | undefined,
    timed: boolean,
  ): Promise<{ candidate: Candidate; output?: Float32Array }> {
    try {
      const { name } = each;
      const { output, milliseconds, bytes }: Prepared = await remote.call('prepare', { name, way: entry.way }, LIMIT);
      // The engine with other options does other work.
      const work = entry.contender === ENGINE ? await remote.call('work', {}, LIMIT) : null;
      if (work) this.works.set(name, work);
      const error = relativeError(output, expected ?? output);
      const checked: Entry = { ...entry, error };
      if (!(error <= toleranceFor(entry.contender))) {
        remote.end('its output is not what the engine’s is');
        return { candidate: { entry: { ...checked, failure: `off by ${error.toExponential(1)}` } }, output };
      }
      this.learn(each, entry, milliseconds);
      if (!timed) return { candidate: { entry: { ...checked, bytes } }, output };
      if (verdict === 'run')
        return { candidate: { entry: { ...checked, bytes }, timed: { remote, first: milliseconds } }, output };
      remote.end('it ran once');
      return { candidate: { entry: { ...checked, bytes, timing: summary([milliseconds]), once: true } }, output };
    } catch (error) {
      return { candidate: { entry: { ...entry, failure: this.failure(error) } } };
    }
  }

  /** Warms up, then runs in turn. A run that fails counts as none, and its error becomes the entry's. */
  private async time(each: Case, candidates: readonly Candidate[]): Promise<(Ran | Error)[][]> {
    const begun: (Ran | Error)[][] = [];
    const counts: number[] = [];
    const runners: Runner<Ran | Error>[] = [];
    for (const candidate of candidates) {
      const { entry, timed } = candidate;
      this.statusOf(each, entry.contender, entry.way);
      const second = await this.run(candidate, 1, timed!.first);
      if (second instanceof Error) {
        begun.push([second]);
        counts.push(0);
        runners.push(async () => second);
        continue;
      }
      const { milliseconds } = second;
      const runs = secondCounts(milliseconds) ? [second] : [];
      begun.push(runs);
      counts.push(repeatsFor(milliseconds, this.plan.repeats, this.isJudged(each, entry)) - runs.length);
      runners.push(() => this.run(candidate, burstFor(milliseconds), milliseconds));
    }
    // Nobody is told of each run: that would be work for the page while it is timed.
    if (candidates.length > 0) this.status(`${each.name}: everybody in turn`);
    const others = await interleave(runners, counts);
    return begun.map((runs, k) => [...runs, ...others[k]]);
  }

  /** @param expected milliseconds that one run takes */
  private async run({ entry, timed }: Candidate, burst: number, expected: number): Promise<Ran | Error> {
    this.events.signal?.throwIfAborted();
    const once = (): Promise<Ran> => timed!.remote.call('run', { burst }, LIMIT);
    try {
      const onCard = this.plan.software ? 'no' : worksOnCard(entry.contender);
      if (onCard === 'no') return await once();
      const begin = performance.now();
      const leadIn = leadInAfter(begin - this.cardWorked, expected);
      while (performance.now() < begin + leadIn) await once();
      const ran = await once();
      if (onCard === 'yes') this.cardWorked = performance.now();
      return ran;
    } catch (error) {
      return new Error(this.failure(error));
    }
  }

  /** Whether something is asked of an entry. On a graphics card, where runs are short, all are treated so. */
  private isJudged({ requirements, share }: Case, entry: Entry): boolean {
    if (!this.plan.software) return true;
    if (entry.contender === ENGINE) return requirements.length > 0 || share !== undefined;
    return requirements.some((requirement) => concerns(requirement, entry));
  }

  private timingOf(each: Case, { entry }: Candidate, runs: readonly (Ran | Error)[]): Partial<Entry> {
    const failed = runs.find((run) => run instanceof Error);
    if (failed) return { failure: failed.message, bytes: undefined };
    const ran = runs as readonly Ran[];
    const timing = summary(ran.map(({ milliseconds }) => milliseconds));
    this.learn(each, entry, timing.median);
    const gpu = ran.flatMap((run) => run.gpu ?? []);
    return { timing, gpu: gpu.length > 0 ? summary(gpu) : undefined };
  }

  /** Each contender, each of its ways, from nothing: the clock starts before its worker does. */
  private async firsts(each: Case): Promise<Entry[]> {
    const entries: Entry[] = [];
    let expected: Float32Array | undefined;
    for (const contender of this.namesFor(each)) {
      // How many ways there are is known once the first worker is asked.
      for (let k = 0, count = 1; k < count; k++) {
        this.statusOf(each, contender);
        const begin = performance.now();
        const remote = await this.crew.start(contender);
        if (!remote) break;
        let way = 'default';
        try {
          const ways = waysFor(each, contender, await remote.call('ways', { name: each.name }), this.plan.short);
          count = ways.length;
          if (count === 0) break;
          way = ways[k];
          if (contender !== ENGINE && !expected) throw new Error(nothingToCompareWith(entries[0]));
          const { output, milliseconds: run } = await remote.call('prepare', { name: each.name, way }, LIMIT);
          const total = performance.now() - begin;
          expected ??= output;
          const error = relativeError(output, expected);
          if (error <= toleranceFor(contender))
            entries.push({ contender, way, error, first: { load: total - run, run, total } });
          else entries.push({ contender, way, error, failure: `off by ${error.toExponential(1)}` });
        } catch (error) {
          entries.push({ contender, way, failure: this.failure(error) });
        } finally {
          remote.end('its first result is there');
        }
      }
    }
    return entries;
  }

  private namesFor({ alone, softwareContenders }: Case): readonly Name[] {
    const isOurs = (name: Name): boolean => name === ENGINE || OPTIONS_OF_ENGINE.includes(name);
    const names = alone ? this.crew.names.filter(isOurs) : this.crew.names;
    if (!this.plan.short) return names;
    return names.filter((name) => softwareContenders?.includes(name) ?? !OPTIONS_OF_ENGINE.includes(name));
  }

  private learn({ kind, flops }: Case, { contender, way }: Entry, milliseconds: number): void {
    if (kind && flops) this.predictor.learn(kind, contender, way, flops, milliseconds);
  }

  private predicted({ kind, flops }: Case, { contender, way }: Entry): number | undefined {
    return kind && flops ? this.predictor.predict(kind, contender, way, flops) : undefined;
  }

  private failure(error: unknown): string {
    this.events.signal?.throwIfAborted();
    return (error as Error).message.split('\n')[0];
  }

  private status(text: string): void {
    this.events.signal?.throwIfAborted();
    this.events.onStatus?.(text);
  }

  private statusOf({ name }: Case, contender: string, way?: string): void {
    this.status(`${name}: ${contender}${way === undefined || way === 'default' ? '' : ` ${way}`}`);
  }
}

const toleranceFor = (contender: string): number => (contender === 'engine f16' ? HALF_TOLERANCE : TOLERANCE);

/** Why others are not run when the engine has no output. */
function nothingToCompareWith(own: Entry | undefined): string {
  const why = own?.predicted === undefined ? 'failed' : 'was predicted and not run';
  return `the engine ${why}: there is nothing to compare with`;
}

/** Whether there is something to say about GPU memory: on a processor there is none. */
function concernsBytes({ bytes, predicted, failure }: Entry): boolean {
  return bytes !== undefined || predicted !== undefined || failure !== undefined;
}

function bytesOf({ contender, way, error, bytes, predicted, failure }: Entry): Entry {
  return { contender, way, error, bytes, predicted, failure };
}
