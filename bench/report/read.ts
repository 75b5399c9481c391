import type { CaseResult, DeviceResult, Report, SectionResult } from '../results.ts';

/**
 * A report from the text of a file that was saved.
 * @throws Error with a sentence naming the file when it holds none
 */
export function readReport(text: string, file: string): Report {
  const report = parse(text, file);
  const fault = faultIn(report);
  if (fault) throw new Error(`${file} is no report of this benchmark: ${fault}.`);
  return report as Report;
}

/** What JSON holds before it is known to be something: any of it may be missing. */
type Unknown<T> = { readonly [K in keyof T]?: unknown } | null | undefined;

function parse(text: string, file: string): Unknown<Report> {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${file} is not JSON: ${(error as Error).message}`);
  }
}

/** Looks at what the drawing relies on. */
function faultIn(report: Unknown<Report>): string | undefined {
  const devices = listOf<DeviceResult>(report?.devices);
  if (devices.length === 0) return 'it has no devices';
  if (typeof report!.date !== 'string' || typeof report!.cores !== 'number') return 'it has no date or no cores';
  for (const device of devices) {
    if (!Array.isArray(device?.sections)) return `the device '${device?.renderer}' has no sections`;
    if (typeof device.contenders !== 'object' || device.contenders === null)
      return `the device '${device.renderer}' has no contenders`;
    for (const section of listOf<SectionResult>(device.sections)) {
      if (!Array.isArray(section?.cases)) return `the section '${section?.title}' has no cases`;
      for (const each of listOf<CaseResult>(section.cases)) {
        const complete =
          typeof each?.name === 'string' && Array.isArray(each.requirements) && listOf(each.entries).length > 0;
        if (!complete) return `a case of the section '${section.title}' has no name or no entries`;
      }
    }
  }
  return undefined;
}

function listOf<T>(value: unknown): Unknown<T>[] {
  return Array.isArray(value) ? value : [];
}
