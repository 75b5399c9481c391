import type { Case } from './case.ts';
import { convCases } from './conv.ts';
import { scanCases } from './scan.ts';

/** Every case, in the order of the report. */
export const cases: readonly Case[] = [...convCases, ...scanCases];
