/** What has to hold of all that was asked for on a driver, and whether it does. */
import { chosenSections } from './chosen.ts';
import type { BenchOptions } from './host.ts';
import { verdictsOf, verdictText } from './report/compare.ts';
import type { CaseResult, DeviceResult } from './results.ts';

export interface Judgement {
  /** A case that was asked for may not have been reached. */
  readonly mark: 'pass' | 'FAIL' | 'not measured';
  readonly name: string;
  readonly text: string;
}

export function judgementsOf(device: DeviceResult, asked: BenchOptions): Judgement[] {
  return chosenSections(asked).flatMap(({ id, cases }) => {
    const measured = device.sections.find((section) => section.id === id)?.cases ?? [];
    return cases.flatMap(({ name, requirements, share }): Judgement[] => {
      const reached = measured.find((result) => result.name === name);
      const result: CaseResult = reached ?? { name, requirements, share, entries: [] };
      return verdictsOf(result, device, asked.contenders).map((verdict) => ({
        mark: verdict.passed ? 'pass' : reached ? 'FAIL' : 'not measured',
        name,
        text: verdictText(verdict),
      }));
    });
  });
}
