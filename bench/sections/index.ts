import { block } from './block.ts';
import type { Case, Section } from './case.ts';
import { ladder } from './ladder.ts';
import { limits } from './limits.ts';
import { first, growth, memory, network } from './network.ts';
import { operations } from './operations.ts';
import { scan } from './scan.ts';

/** In the order of the report, and, but for limits and what is judged, in which they are measured. */
export const sections: readonly Section[] = [first, limits, operations, scan, block, network, memory, growth, ladder];

/** @throws when no section has a case of this name. */
export function findCase(name: string): Case {
  const found = sections.flatMap(({ cases }) => cases).find((each) => each.name === name);
  if (!found) throw new Error(`there is no case '${name}'`);
  return found;
}
