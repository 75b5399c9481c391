import type { Limits } from '../results.ts';

/** Of limits that were measured twice the better ones: whatever else happens on a machine only takes away from them. */
export function betterLimits(a: Limits, b: Limits): Limits {
  return {
    multiplyAdds: Math.max(a.multiplyAdds, b.multiplyAdds),
    exponentials: Math.max(a.exponentials, b.exponentials),
    fetches: Math.max(a.fetches, b.fetches),
    halfFetches: Math.max(a.halfFetches, b.halfFetches),
    writes: Math.max(a.writes, b.writes),
    draw: Math.min(a.draw, b.draw),
    overlap: a.overlap,
  };
}
