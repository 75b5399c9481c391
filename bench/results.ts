/** What is measured, as it goes from the page to the report and into the JSON file. Times are milliseconds, sizes bytes. */
import type { Driver } from '../tools/browser.ts';
import type { Timing } from './measure.ts';
import type { Requirement } from './sections/case.ts';

export interface Report {
  /** When it began, in ISO 8601. */
  readonly date: string;
  /** Logical processors, as the browser tells. */
  readonly cores: number;
  /** One for each driver; a visitor's page has one. */
  readonly devices: readonly DeviceResult[];
}

export interface DeviceResult {
  /** Absent in a visitor's page, which takes what the browser gives. */
  readonly driver?: Driver;
  readonly renderer: string;
  /** Such as "Chromium 156.0.8078.79". */
  readonly browser: string;
  /** Attachments of a framebuffer that the engine uses. */
  readonly attachments: number;
  /** What each contender is, with version and settings, by name; the reason for those that cannot run here. */
  readonly contenders: Readonly<Record<string, string>>;
  /** Where they were asked for, unless they could not be measured. */
  readonly limits?: Limits;
  /** Why limits that were asked for are not there. */
  readonly limitsFailure?: string;
  readonly sections: readonly SectionResult[];
}

/** What a device can do, each by a probe kernel that does little else: operations a second, and seconds for a draw. */
export interface Limits {
  /** Of float32, a multiplication and an addition each: 4 for a vec4. */
  readonly multiplyAdds: number;
  /** exp2 of one float. */
  readonly exponentials: number;
  /** RGBA texels of four floats read. */
  readonly fetches: number;
  /** RGBA texels of four floats written, all attachments counted. */
  readonly writes: number;
  /** Seconds that an empty draw costs. */
  readonly draw: number;
  /** Whether these times add up, as on a processor that does one thing after the other, or overlap, as on a GPU. */
  readonly overlap: boolean;
}

/** What a job asks of the device. Its least time follows from the limits. */
export interface Work {
  readonly multiplyAdds: number;
  readonly exponentials: number;
  readonly fetches: number;
  readonly writes: number;
  readonly draws: number;
}

export interface SectionResult {
  /** Such as 'operations', 'scan', 'block', 'network', 'first', 'memory', 'growth'. */
  readonly id: string;
  readonly title: string;
  readonly cases: readonly CaseResult[];
}

export interface CaseResult {
  readonly name: string;
  /** Floating-point operations, where their number says something. */
  readonly flops?: number;
  /** Of the output picture, where cases differ by it. */
  readonly pixels?: number;
  /** What the engine's kernels do for it. */
  readonly work?: Work;
  readonly requirements: readonly Requirement[];
  /** The least share of the device's limits that the engine has to reach. */
  readonly share?: number;
  /** The first is the engine's, the one that all are compared with. */
  readonly entries: readonly Entry[];
}

/**
 * One contender going one way. Either there is a failure, or a prediction, or what was measured: a timing, a first result, bytes; in the
 * section on growth a timing and bytes.
 */
export interface Entry {
  readonly contender: string;
  readonly way: string;
  /** Relative to the engine's output; 0 for its own. Present with a failure when that is the failure. */
  readonly error?: number;
  readonly timing?: Timing;
  /** Whether the timing is that of the only run, a cold one with whatever is compiled in it: it takes long. */
  readonly once?: boolean;
  /** By the GPU's own clock, where it has one. */
  readonly gpu?: Timing;
  /** Until the first result is there, from nothing. */
  readonly first?: FirstResult;
  /** Most bytes of GPU memory at once, weights apart. */
  readonly bytes?: number;
  /** How long it would take, where that is too long to run it. */
  readonly predicted?: number;
  /** Why there is no number. */
  readonly failure?: string;
}

export interface FirstResult {
  /**
   * All but the run: the worker, the script, weights and whatever else comes over the network, a graph that is made ready to run; and in the
   * end the values' way to the page.
   */
  readonly load: number;
  /** The first run, with all that is compiled in it, until its output is there. */
  readonly run: number;
  readonly total: number;
}
