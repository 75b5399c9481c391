/** Numbers for inputs and weights, the same in every run and for every contender. */

/** `count` float32 values, uniform in [low, high): Numerical Recipes' linear congruential generator, its low bits dropped. */
export function uniform(count: number, seed: number, low = -1, high = 1): Float32Array<ArrayBuffer> {
  const values = new Float32Array(count);
  const scale = (high - low) / 2 ** 24;
  let state = Math.imul(seed, 0x9e3779b1) >>> 0;
  for (let i = 0; i < count; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    values[i] = low + scale * (state >>> 8);
  }
  return values;
}
