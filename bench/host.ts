/** The page's side of the benchmark, headless and for visitors alike: what is measured when. */
import { inSoftware } from '../src/tensor/software.ts';
import { type Chosen, chosenSections } from './chosen.ts';
import { NAMES } from './contenders/names.ts';
import { Crew } from './crew.ts';
import type { ProbeTimes } from './limits/limits.ts';
import { type Growing, type LimitsResult, Measurer } from './measurer.ts';
import { rendererOf } from './renderer.ts';
import type { CaseResult, DeviceResult, SectionResult } from './results.ts';
import type { Case, Section } from './sections/case.ts';
import { sections as allSections } from './sections/index.ts';
import { limits as limitsSection } from './sections/limits.ts';

export interface BenchOptions extends Chosen {
  /** Names of contenders; all unless told. The engine always runs, since all others are compared with it. */
  readonly contenders?: readonly string[];
  /** Most timed runs of an entry, 9 unless told. What takes long has fewer. */
  readonly repeats?: number;
  /**
   * Whether rows that are predicted to take more than 30 s run once, and those above 120 s not at all. Unless told, as the renderer's
   * name says: on drivers in software.
   */
  readonly software?: boolean;
}

export interface BenchEvents {
  /** What goes on now, such as 'scan 48 channels: tfjs webgl composed'. */
  onStatus?(text: string): void;
  onCase(section: Pick<SectionResult, 'id' | 'title'>, result: CaseResult): void;
  /** Before the cases that can be judged by them, and after these, if they were measured twice. */
  onLimits(result: LimitsResult): void;
  /** All that was measured so far, after limits and each case: others may take so much memory that the page ends with it. */
  onResult?(result: DeviceResult): void;
  /** Ends the benchmark when it is aborted: what was measured until then is the result. */
  readonly signal?: AbortSignal;
}

const REPEATS = 9;

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
    const wanted = chosenSections(options);
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

/** Of the device that a page gets. */
function rendererName(): string {
  const gl = document.createElement('canvas').getContext('webgl2');
  if (!gl) return 'no WebGL2';
  const renderer = rendererOf(gl);
  gl.getExtension('WEBGL_lose_context')?.loseContext();
  return renderer;
}

/** Name and version as far as the browser tells. */
function browserName(): string {
  const found = /(Firefox|Edg|Chrome|Version)\/[\d.]+/.exec(navigator.userAgent)?.[0];
  return found?.replace('Version', 'Safari').replace('/', ' ') ?? navigator.userAgent;
}
