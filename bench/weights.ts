/** Weights by formula, so that networks of the published size are measured without a file of 115 MB. */
import { type Config, parameterShapes } from '../src/model/config.ts';
import { uniform } from './random.ts';

type Shapes = ReadonlyMap<string, readonly number[]>;

const common = { inChannels: 3, outChannels: 3, bias: false, normBias: true, dualPixel: false } as const;
const large = { ...common, dim: 48, hidden: [127, 255, 510, 1021] } as const;
const small = { ...common, dim: 16, hidden: [42, 85, 170, 340], blocks: [1, 1, 1, 1], refinement: 1 } as const;

/** The published networks. */
export const PUBLISHED: Readonly<Record<'derain' | 'realsr', Config>> = {
  derain: { ...large, variant: 'derain', blocks: [3, 5, 7, 9], refinement: 2 },
  realsr: { ...large, variant: 'realsr', blocks: [6, 2, 2, 1], refinement: 6 },
};

/** The networks of weights/. */
export const BUNDLED: Readonly<Record<'derain' | 'sr', Config>> = {
  derain: { ...small, variant: 'derain' },
  sr: { ...small, variant: 'sr' },
};

/** A checkpoint of a network. */
export const networkWeights = (config: Config): ArrayBuffer => safetensors(parameterShapes(config));

/** A checkpoint of the first block of a stage alone, without the stage's name. */
export function blockWeights(config: Config, stage: string): ArrayBuffer {
  const prefix = `${stage}.0.`;
  const shapes = [...parameterShapes(config)].filter(([name]) => name.startsWith(prefix));
  return safetensors(new Map(shapes.map(([name, shape]) => [name.slice(prefix.length), shape])));
}

/** A safetensors file of float32 parameters, all of whose values follow from their place in it. */
function safetensors(shapes: Shapes): ArrayBuffer {
  const header: Record<string, unknown> = {};
  let end = 0;
  for (const [name, shape] of shapes) {
    const begin = end;
    end += 4 * shape.reduce((a, b) => a * b, 1);
    header[name] = { dtype: 'F32', shape, data_offsets: [begin, end] };
  }
  const text = JSON.stringify(header);
  // Values begin at a multiple of 8.
  const json = new TextEncoder().encode(text.padEnd(Math.ceil(text.length / 8) * 8));
  const file = new ArrayBuffer(8 + json.length + end);
  new DataView(file).setBigUint64(0, BigInt(json.length), true);
  new Uint8Array(file, 8).set(json);
  let at = 8 + json.length;
  let seed = 0;
  for (const [name, shape] of shapes) {
    const values = parameter(name, shape, ++seed);
    new Float32Array(file, at, values.length).set(values);
    at += values.byteLength;
  }
  return file;
}

/** Values in the range where they are after training: A from -1 to -16, step sizes of a few hundredths, norms about 1. */
function parameter(name: string, shape: readonly number[], seed: number): Float32Array {
  const count = shape.reduce((a, b) => a * b, 1);
  const last = name.slice(name.lastIndexOf('.') + 1);
  if (last === 'A_logs' || last === 'Ac_logs')
    return uniform(count, seed, -0.1, 0.1).map((v, i) => Math.log(1 + (i % 16)) + v);
  if (last === 'Ds' || last === 'Dsc' || name.endsWith('body.weight')) return uniform(count, seed, 0.9, 1.1);
  if (last === 'dt_projs_bias' || last === 'dtc_projs_bias') return uniform(count, seed, -5, -3);
  if (last === 'bias') return uniform(count, seed, -0.1, 0.1);
  // Convolutions are [out, in, k, k], projections [directions, out, in].
  const inputs = last === 'weight' ? shape.slice(1).reduce((a, b) => a * b, 1) : shape[shape.length - 1];
  const scale = 1 / Math.sqrt(inputs);
  return uniform(count, seed, -scale, scale);
}
