import type { Contender } from './contender.ts';
import { engineContender } from './engine.ts';
import { tfjsContender } from './tfjs.ts';

/** Everybody who competes. The first is the one whom all others are compared with. */
export async function openContenders(): Promise<Contender[]> {
  return [await engineContender(), await tfjsContender()];
}
