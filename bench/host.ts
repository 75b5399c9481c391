/** The page's side of the benchmark, headless and for visitors alike: which case is measured when, by whom and how. */
import { inSoftware } from '../src/tensor/software.ts';
import { NAMES, type Name, OPTIONS_OF_ENGINE, worksOnCard } from './contenders/names.ts';
import { Crew } from './crew.ts';
import type { MeasuredLimits, ProbeTimes } from './limits/limits.ts';
import { interleave, type Runner, relativeError, summary } from './measure.ts';
import type { Prepared, Ran } from './messages.ts';
import { burstFor, leadInAfter, needsWarmUp, Predictor, repeatsFor, verdictOn } from './plan.ts';
import type { Remote } from './remote.ts';
import type { CaseResult, DeviceResult, Entry, SectionResult, Work } from './results.ts';
import type { Case, Section } from './sections/case.ts';
import { sections as allSections } from './sections/index.ts';
import { limits as limitsSection } from './sections/limits.ts';

export interface BenchOptions {
  /** Ids of sections; all unless told. */
  readonly sections?: readonly string[];
  /** Names of contenders; all unless told. The engine always runs, since all others are compared with it. */
  readonly contenders?: readonly string[];
  /** Cases with one of these in their names; all unless told. */
  readonly only?: readonly string[];
  /** Of the cases that differ by the side of their picture, those with one of these sides; all unless told. */
  readonly sizes?: readonly number[];
  /** Most timed runs of an entry, 9 unless told. What takes long has fewer. */
  readonly repeats?: number;
  /**
   * Whether rows that are predicted to take more than 30 s run once, and those above 120 s not at all. Unless told, as the renderer's
   * name says: on drivers in software.
   */
  readonly software?: boolean;
}

/** Limits, or why there are none. */
export type LimitsResult = Pick<DeviceResult, 'limits' | 'limitsFailure'>;

export interface BenchEvents {
  /** What goes on now, such as 'scan 48 channels: tfjs webgl composed'. */
  onStatus(text: string): void;
  onCase(section: Pick<SectionResult, 'id' | 'title'>, result: CaseResult): void;
  /** Before the cases that can be judged by them, and after these, if they were measured twice. */
  onLimits(result: LimitsResult): void;
  /** All that was measured so far, after limits and each case: others may take so much memory that the page ends with it. */
  onResult?(result: DeviceResult): void;
  /** Ends the benchmark when it is aborted: what was measured until then is the result. */
  readonly signal?: AbortSignal;
}

/** Outputs further apart than this are not worth a timing. */
const TOLERANCE = 1e-4;
/** The same for half storage: twice what it promises of trained networks, since published sizes have weights from a formula here. */
const HALF_TOLERANCE = 4e-2;
const REPEATS = 9;
/** Milliseconds after which a run is given up: the browser, or the driver, is stuck, or nobody can wait for it. */
const LIMIT = 240_000;

/** Where a contender fails, its entries say so. */
export async function runBenchmark(options: BenchOptions, events: BenchEvents): Promise<DeviceResult> {
  const renderer = rendererName();
  const software = options.software ?? inSoftware(renderer);
  const names = NAMES.filter((name) => name === NAMES[0] || (options.contenders?.includes(name) ?? true));
  const crew = new Crew(names);
  const stop = (): void => crew.dismiss('the benchmark was stopped');
  events.signal?.addEventListener('abort', stop);
  const sections: Growing[] = [];
  let limits: LimitsResult = {};
  const resultSoFar = (): DeviceResult => ({
    renderer,
    browser: browserName(),
    attachments: crew.attachments,
    contenders: crew.about,
    ...limits,
    sections: inOrder(sections).filter(({ cases }) => cases.length > 0),
  });
  try {
    const plan = { repeats: options.repeats ?? REPEATS, software, short: software && !options.contenders };
    const measurer = new Measurer(crew, plan, {
      ...events,
      onCase(section, result) {
        events.onResult?.(resultSoFar()); // first: whoever is told of a case has it in the result
        events.onCase(section, result);
      },
    });
    const measureAll = async (some: readonly Section[]): Promise<void> => {
      for (const section of some) await measurer.section(section, sections);
    };
    let times: ProbeTimes | undefined;
    const measureLimits = async (): Promise<void> => {
      const measured = await measurer.limits(times);
      if ('times' in measured) {
        limits = { limits: measured.limits };
        times = measured.times;
      } else if (times) {
        return; // what was measured the first time holds
      } else {
        limits = measured;
      }
      events.onResult?.(resultSoFar());
      events.onLimits(limits);
    };
    // What something is asked of comes first, so that a benchmark that ends early has judged what it can; and of that first results, before
    // anything of anybody is in a cache.
    const wanted = chosen(options);
    const judged = casesOf(wanted, true);
    const firsts = judged.filter(({ measures }) => measures === 'first');
    const others = judged.filter((section) => !firsts.includes(section));
    await measureAll(firsts);
    if (options.sections?.includes(limitsSection.id) ?? true) await measureLimits();
    await measureAll(others);
    // Processors that are shared have slow minutes, in one of which limits may have been measured.
    if (times && others.length > 0) await measureLimits();
    await measureAll(casesOf(wanted, false));
  } catch (error) {
    // Where work was cut off, an error is no more than that.
    if (!events.signal?.aborted) throw error;
  } finally {
    events.signal?.removeEventListener('abort', stop);
    crew.dismiss();
  }
  return resultSoFar();
}

/** Sections and cases that were asked for, limits apart. */
function chosen({ sections, only, sizes }: BenchOptions): Section[] {
  return allSections
    .filter(({ id }) => sections?.includes(id) ?? true)
    .map((section) => ({
      ...section,
      cases: section.cases.filter(
        ({ name, side }) =>
          (only?.some((text) => name.includes(text)) ?? true) &&
          (side === undefined || (sizes?.includes(side) ?? true)),
      ),
    }))
    .filter(({ cases }) => cases.length > 0);
}

/** A section's result, while cases are added to it. */
type Growing = Omit<SectionResult, 'cases'> & { readonly cases: CaseResult[] };

/** Sections and their cases as a report has them, whichever was measured first. */
function inOrder(measured: readonly Growing[]): SectionResult[] {
  return allSections.flatMap(({ id, cases }) =>
    measured
      .filter((section) => section.id === id)
      .map((section) => ({
        ...section,
        cases: cases.flatMap(({ name }) => section.cases.filter((each) => each.name === name)),
      })),
  );
}

/** Sections with those of their cases that something is asked of, or with the others. */
function casesOf(sections: readonly Section[], judged: boolean): Section[] {
  const isJudged = ({ requirements, share }: Case): boolean => requirements.length > 0 || share !== undefined;
  return sections
    .map((section) => ({ ...section, cases: section.cases.filter((each) => isJudged(each) === judged) }))
    .filter(({ cases }) => cases.length > 0);
}

/** An entry, with the job that is still to be timed where there is one. */
interface Candidate {
  readonly entry: Entry;
  readonly remote?: Remote;
  readonly prepared?: Omit<Prepared, 'output'>;
}

interface Plan {
  readonly repeats: number;
  readonly software: boolean;
  /** Whether cases are done by those only who do them on drivers in software. */
  readonly short: boolean;
}

class Measurer {
  private readonly predictor = new Predictor();
  /** Entries by case: one that is in several sections is measured once. */
  private readonly measured = new Map<string, readonly Entry[]>();
  /** The engine's work by case. */
  private readonly works = new Map<string, Work>();
  /** When the graphics card was last seen at work. */
  private cardWorked = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly crew: Crew,
    private readonly plan: Plan,
    private readonly events: BenchEvents,
  ) {}

  /** What the device can do, by the engine. Where that fails, the sections go on without it. */
  async limits(before?: ProbeTimes): Promise<MeasuredLimits | LimitsResult> {
    const [name] = NAMES;
    this.events.signal?.throwIfAborted();
    this.events.onStatus(limitsSection.title);
    const remote = await this.crew.get(name);
    const found = remote
      ? await remote.call('limits', { before }, LIMIT).catch((error): string => this.failure(error))
      : this.crew.about[name];
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
    const runnable = timed ? candidates.filter(({ prepared }) => prepared) : [];
    const runs = await this.time(each, runnable);
    for (const { remote, prepared } of candidates) {
      if (prepared && remote?.alive) await remote.call('release', { job: prepared.job });
    }
    return candidates.map((candidate) => {
      const ran = runs[runnable.indexOf(candidate)];
      return ran === undefined ? candidate.entry : { ...candidate.entry, ...this.timingOf(each, candidate, ran) };
    });
  }

  /** Runs everybody once and compares the outputs with the engine's. */
  private async prepare(each: Case, timed: boolean): Promise<Candidate[]> {
    const candidates: Candidate[] = [];
    let expected: Float32Array | undefined;
    for (const name of this.namesFor(each)) {
      this.status(each, name);
      const remote = await this.crew.get(name);
      if (!remote) continue;
      const ways = await remote.call('ways', { name: each.name }).catch((error: Error) => error);
      if (ways instanceof Error) {
        candidates.push({ entry: { contender: name, way: 'default', failure: ways.message } });
        continue;
      }
      for (const way of waysFor(each, name, ways)) {
        this.status(each, name, way);
        const { candidate, output } = await this.prepareOne(each, name, way, expected, timed);
        candidates.push(candidate);
        if (name === NAMES[0]) expected ??= output;
      }
    }
    return candidates;
  }

  private async prepareOne(
    each: Case,
    contender: Name,
    way: string,
    expected: Float32Array | undefined,
    timed: boolean,
  ): Promise<{ candidate: Candidate; output?: Float32Array }> {
    const entry: Entry = { contender, way };
    const predicted = this.plan.software ? this.predicted(each, entry) : undefined;
    const verdict = verdictOn(predicted);
    if (verdict === 'never') return { candidate: { entry: { ...entry, predicted } } };
    const remote = await this.crew.get(contender);
    if (!remote) return { candidate: { entry: { ...entry, failure: this.crew.about[contender] } } };
    try {
      const { output, ...prepared } = await remote.call('prepare', { name: each.name, way }, LIMIT);
      if (prepared.work) this.works.set(each.name, prepared.work);
      const error = this.errorOf(contender, output, expected);
      const checked: Entry = { ...entry, error };
      const { bytes, milliseconds } = prepared;
      if (!(error <= toleranceFor(contender))) {
        await remote.call('release', { job: prepared.job });
        return { candidate: { entry: { ...checked, failure: `off by ${error.toExponential(1)}` } }, output };
      }
      this.learn(each, entry, milliseconds);
      if (verdict === 'run' || !timed) return { candidate: { entry: { ...checked, bytes }, remote, prepared }, output };
      await remote.call('release', { job: prepared.job });
      const timing = summary([milliseconds]);
      return { candidate: { entry: { ...checked, bytes, timing, once: true } }, output };
    } catch (error) {
      return { candidate: { entry: { ...entry, failure: this.failure(error) } } };
    }
  }

  /** The engine's own output is what others are compared with. */
  private errorOf(contender: Name, output: Float32Array, expected: Float32Array | undefined): number {
    if (expected) return relativeError(output, expected);
    if (contender !== NAMES[0]) throw new Error('the engine failed: there is nothing to compare with');
    return relativeError(output, output);
  }

  /** Warms up, then runs in turn. A run that fails counts as none, and its error becomes the entry's. */
  private async time(each: Case, candidates: readonly Candidate[]): Promise<(Ran | Error)[][]> {
    /** @param expected milliseconds that one run takes */
    const run = async (
      { entry, remote, prepared }: Candidate,
      burst: number,
      expected: number,
    ): Promise<Ran | Error> => {
      this.status(each, entry.contender, entry.way);
      const once = () => remote!.call('run', { job: prepared!.job, burst }, LIMIT);
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
    };
    const counts: number[] = [];
    const runners: Runner<Ran | Error>[] = [];
    for (const candidate of candidates) {
      const first = candidate.prepared!.milliseconds;
      const warm = needsWarmUp(first) ? await run(candidate, 1, first) : { milliseconds: first };
      const expected = warm instanceof Error ? first : warm.milliseconds;
      counts.push(warm instanceof Error ? 1 : repeatsFor(expected, this.plan.repeats));
      const burst = warm instanceof Error ? 1 : burstFor(expected);
      runners.push(() => run(candidate, burst, expected));
    }
    return interleave(runners, counts);
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

  /** Each contender from nothing: the clock starts before its worker does. */
  private async firsts(each: Case): Promise<Entry[]> {
    const entries: Entry[] = [];
    let expected: Float32Array | undefined;
    for (const contender of this.namesFor(each)) {
      this.status(each, contender);
      const begin = performance.now();
      const remote = await this.crew.start(contender);
      if (!remote) continue;
      let way = 'default';
      try {
        const ways = await remote.call('ways', { name: each.name });
        if (ways.length === 0) continue;
        way = ways[0];
        const { output, milliseconds: run } = await remote.call('prepare', { name: each.name, way }, LIMIT);
        const total = performance.now() - begin;
        const error = this.errorOf(contender, output, expected);
        expected ??= output;
        if (error <= toleranceFor(contender))
          entries.push({ contender, way, error, first: { load: total - run, run, total } });
        else entries.push({ contender, way, error, failure: `off by ${error.toExponential(1)}` });
      } catch (error) {
        entries.push({ contender, way, failure: this.failure(error) });
      } finally {
        remote.end('its first result is there');
      }
    }
    return entries;
  }

  private namesFor({ alone, softwareContenders }: Case): readonly Name[] {
    const isOurs = (name: Name): boolean => name === NAMES[0] || OPTIONS_OF_ENGINE.includes(name);
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

  private status({ name }: Case, contender: string, way?: string): void {
    this.events.signal?.throwIfAborted();
    this.events.onStatus(`${name}: ${contender}${way === undefined || way === 'default' ? '' : ` ${way}`}`);
  }
}

/** The way that a contender believes to be its best, and those that are asked for by name; or all. */
function waysFor({ allWays, requirements }: Case, name: Name, ways: readonly string[]): readonly string[] {
  if (allWays) return ways;
  const asked = requirements.filter(({ contender }) => contender === name).map(({ way }) => way);
  return ways.filter((way, k) => k === 0 || asked.includes(way));
}

const toleranceFor = (contender: Name): number => (contender === 'engine f16' ? HALF_TOLERANCE : TOLERANCE);

/** Whether there is something to say about GPU memory: on a processor there is none. */
function concernsBytes({ bytes, predicted, failure }: Entry): boolean {
  return bytes !== undefined || predicted !== undefined || failure !== undefined;
}

function bytesOf({ contender, way, error, bytes, predicted, failure }: Entry): Entry {
  return { contender, way, error, bytes, predicted, failure };
}

/** Of the device that a page gets. */
function rendererName(): string {
  const gl = document.createElement('canvas').getContext('webgl2');
  if (!gl) return 'no WebGL2';
  const info = gl.getExtension('WEBGL_debug_renderer_info');
  const renderer = String(gl.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
  gl.getExtension('WEBGL_lose_context')?.loseContext();
  return renderer;
}

/** Name and version as far as the browser tells. */
function browserName(): string {
  const found = /(Firefox|Edg|Chrome|Version)\/[\d.]+/.exec(navigator.userAgent)?.[0];
  return found?.replace('Version', 'Safari').replace('/', ' ') ?? navigator.userAgent;
}
