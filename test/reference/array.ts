/**
 * Pictures and features in float64, plain and row-major: the operands of every reference operation.
 *
 * Nothing under test/reference imports from src, so that a mistake in one cannot hide in the other.
 */

/** Batch, channels, height, width; the width runs fastest. */
export type Shape4 = [n: number, c: number, h: number, w: number];

export interface Array4 {
  data: Float64Array;
  shape: Shape4;
}

/** Numbers with a shape of any rank: a network's parameter, or a tensor read from a file. Row-major. */
export interface Values {
  data: ArrayLike<number>;
  shape: readonly number[];
}

/** The number of elements of a shape of any rank. */
export function count(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

export function zeros(shape: Shape4): Array4 {
  return { data: new Float64Array(count(shape)), shape: [...shape] };
}

/** A float64 copy of `data`, which has to fill `shape` exactly. */
export function array4(data: ArrayLike<number>, shape: readonly number[]): Array4 {
  const [n, c, h, w] = shape;
  if (shape.length !== 4) throw new Error(`a shape of 4 numbers is needed, but [${shape}] has ${shape.length}`);
  if (data.length !== count(shape)) throw new Error(`${data.length} values do not fill the shape [${shape}]`);
  return { data: Float64Array.from(data), shape: [n, c, h, w] };
}

/** The array whose element (n, c, y, x) is `value(n, c, y, x)`. */
export function generate(shape: Shape4, value: (n: number, c: number, y: number, x: number) => number): Array4 {
  const out = zeros(shape);
  const [batch, channels, height, width] = shape;
  let i = 0;
  for (let n = 0; n < batch; n++)
    for (let c = 0; c < channels; c++)
      for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) out.data[i++] = value(n, c, y, x);
  return out;
}

/** Where element (n, c, y, x) lies in `data`. */
export function index(shape: Shape4, n: number, c: number, y: number, x: number): number {
  return ((n * shape[1] + c) * shape[2] + y) * shape[3] + x;
}

export function at(a: Array4, n: number, c: number, y: number, x: number): number {
  return a.data[index(a.shape, n, c, y, x)];
}

/** `f` of every element. */
export function map(a: Array4, f: (value: number) => number): Array4 {
  return { data: a.data.map((value) => f(value)), shape: [...a.shape] };
}

/** `f(a, b)` element by element. An axis of `b` may have size 1: its one value then serves the whole axis of `a`. */
export function zip(a: Array4, b: Array4, f: (a: number, b: number) => number): Array4 {
  if (a.shape.some((size, axis) => b.shape[axis] !== size && b.shape[axis] !== 1))
    throw new Error(`[${b.shape}] does not stretch to [${a.shape}]`);
  const [bn, bc, bh, bw] = b.shape.map((size) => (size === 1 ? 0 : 1));
  return generate(a.shape, (n, c, y, x) => f(at(a, n, c, y, x), at(b, n * bn, c * bc, y * bh, x * bw)));
}

/** a + b, b stretched as in `zip`. */
export function add(a: Array4, b: Array4): Array4 {
  return zip(a, b, (p, q) => p + q);
}

/** a * b, b stretched as in `zip`. */
export function multiply(a: Array4, b: Array4): Array4 {
  return zip(a, b, (p, q) => p * q);
}

/** Channels `from` to `to` (not included) of every picture. */
export function channels(a: Array4, from: number, to: number): Array4 {
  const [n, , h, w] = a.shape;
  return generate([n, to - from, h, w], (i, c, y, x) => at(a, i, from + c, y, x));
}

/** Entry `k` of the first axis, in the shape `shape` (as many elements as one entry has). */
export function entry(a: Values, k: number, shape: readonly number[] = a.shape.slice(1)): Values {
  const size = count(a.shape.slice(1));
  if (count(shape) !== size) throw new Error(`an entry of [${a.shape}] has not the shape [${shape}]`);
  return { data: Float64Array.from({ length: size }, (_, i) => a.data[k * size + i]), shape };
}

/** A stream of numbers uniform in [0, 1), the same for the same seed: the "mulberry32" generator, period 2**32. */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Uniform in [low, high), each rounded to float32, so that a GPU is given exactly the same numbers. */
export function uniform(shape: Shape4, seed: number, low = -1, high = 1): Array4 {
  const next = random(seed);
  return generate(shape, () => Math.fround(low + (high - low) * next()));
}

/** Normally distributed (Box-Muller), each rounded to float32 as in `uniform`. */
export function normal(shape: Shape4, seed: number, mean = 0, deviation = 1): Array4 {
  const next = random(seed);
  return generate(shape, () => {
    const radius = Math.sqrt(-2 * Math.log(1 - next()));
    return Math.fround(mean + deviation * radius * Math.cos(2 * Math.PI * next()));
  });
}
