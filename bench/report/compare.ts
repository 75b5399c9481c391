/** What the numbers of a case say about each other. */
import type { CaseResult, DeviceResult, Entry } from '../results.ts';
import type { Requirement } from '../sections/case.ts';
import { percent } from './numbers.ts';
import { engineShare } from './share.ts';

/** Such as "tfjs webgl composed". */
export function nameOf({ contender, way }: Pick<Entry, 'contender' | 'way'>): string {
  return way === 'default' ? contender : `${contender} ${way}`;
}

/** The number by which an entry is compared, in milliseconds or bytes; a prediction counts too. Undefined where it failed. */
export function amountOf({ timing, first, bytes, predicted }: Entry): number | undefined {
  return timing?.median ?? first?.total ?? bytes ?? predicted;
}

/** How many times the engine's time, or where there is none its bytes, an entry takes. Undefined where one has no number. */
export function ratioOf(entry: Entry, { entries }: CaseResult): number | undefined {
  const own = amountOf(entries[0]);
  const amount = amountOf(entry);
  return own && amount && amount / own;
}

/** Whether a requirement is about an entry. */
export function concerns({ contender, way }: Requirement, entry: Entry): boolean {
  return entry.contender === contender && (way ?? entry.way) === entry.way;
}

/** What of a requirement is asked for on a device, and what was found. */
export interface Verdict {
  readonly passed: boolean;
  /** How many times the engine's time or bytes somebody takes, or what share of the device's limits the engine reaches. */
  readonly kind: 'ratio' | 'share';
  /** Such as "tfjs webgl composed", or "the device’s limits". */
  readonly against: string;
  readonly needed: number;
  /** The smallest measured ratio, or the share; undefined where there is none. */
  readonly found?: number;
  /** What there is to say against what was found. */
  readonly doubt?: string;
}

/** What requirements on a device depend on. */
export type Judged = Pick<DeviceResult, 'driver' | 'limits'>;

/**
 * Whether a case meets its requirements on a device: ratios on its driver, to contenders who were asked for, all unless told; and its
 * share of the limits, where they were measured. What was predicted and not run proves nothing, and what ran once, cold, nothing unless
 * there is nothing else.
 */
export function verdictsOf(result: CaseResult, on: Judged, contenders?: readonly string[]): Verdict[] {
  return [...ratioVerdicts(result, on, contenders), ...shareVerdicts(result, on)];
}

function shareVerdicts(result: CaseResult, { limits }: Judged): Verdict[] {
  const { share: needed } = result;
  if (needed === undefined || !limits) return [];
  const found = engineShare(result, limits);
  const passed = found !== undefined && found >= needed;
  const doubt = found !== undefined && found > 1 ? 'more than there is: the limits came out too low' : undefined;
  return [{ passed, kind: 'share', against: 'the device’s limits', needed, found, doubt }];
}

function ratioVerdicts(result: CaseResult, { driver }: Judged, contenders?: readonly string[]): Verdict[] {
  return result.requirements.flatMap((requirement): Verdict[] => {
    const { contender, way = 'default', ratio } = requirement;
    const needed = driver && ratio[driver];
    if (needed === undefined || !(contenders?.includes(contender) ?? true)) return [];
    const fastest = fastestOf(result, requirement);
    if (!fastest) return [{ passed: false, kind: 'ratio', against: nameOf({ contender, way }), needed }];
    const found = ratioOf(fastest, result)!;
    const doubt = fastest.once || result.entries[0].once ? 'of one run, cold' : undefined;
    return [{ passed: found >= needed, kind: 'ratio', against: nameOf(fastest), needed, found, doubt }];
  });
}

/** Of the entries that a requirement is about, the one that proves most: the fastest of those that were warm, or of all. */
function fastestOf(result: CaseResult, requirement: Requirement): Entry | undefined {
  const measured = result.entries
    .filter((entry) => concerns(requirement, entry) && entry.predicted === undefined && ratioOf(entry, result))
    .sort((a, b) => amountOf(a)! - amountOf(b)!);
  return measured.find(({ once }) => !once) ?? measured[0];
}

/** Such as "tfjs webgl composed 20.12, at least 16 needed", or "the device’s limits 64 %, at least 60 % needed". */
export function verdictText({ kind, against, needed, found, doubt }: Verdict): string {
  const text = (value: number): string => (kind === 'share' ? percent(value) : value.toFixed(2));
  const least = kind === 'share' ? percent(needed) : needed;
  const what = found === undefined ? 'not measured' : text(found);
  return `${against} ${what}${doubt ? ` (${doubt})` : ''}, at least ${least} needed`;
}
