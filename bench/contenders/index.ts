import type { Contender } from './contender.ts';
import type { Name } from './names.ts';

/** Each is a module of its own that is loaded when it is asked for: nobody waits for the scripts of others. */
const openers: Record<Name, () => Promise<Contender>> = {
  engine: async () => (await import('./engine.ts')).openEngine(),
  'tfjs webgl': async () => (await import('./tfjs.ts')).openTfjsWebgl(),
};

/** @throws saying why it cannot run here. */
export function openContender(name: Name): Promise<Contender> {
  return openers[name]();
}
