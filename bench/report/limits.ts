/** The limits of a device in words, for the terminal, for Markdown, and for the page. */
import type { DeviceResult } from '../results.ts';
import { digits, quantity } from './numbers.ts';

/** Names and texts, a line each; none where limits were not asked for. */
export function limitLines({
  limits,
  limitsFailure,
}: Pick<DeviceResult, 'limits' | 'limitsFailure'>): [string, string][] {
  if (limitsFailure !== undefined) return [['limits', `not measured: ${limitsFailure}`]];
  if (!limits) return [];
  const rate = (value: number): string => `${quantity(value)}/s`;
  return [
    ['multiply-adds', rate(limits.multiplyAdds)],
    ['exp2', rate(limits.exponentials)],
    ['texel fetches', rate(limits.fetches)],
    ['texel writes', rate(limits.writes)],
    ['a draw', `${digits(limits.draw * 1e6)} µs`],
    ['side by side', limits.overlap ? 'these times overlap' : 'these times add up'],
  ];
}
