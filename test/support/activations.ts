/** What PyTorch recorded inside a network, in the form in which the engine has it. */
import * as assert from 'uvu/assert';
import { Network } from '../../src/model/network.ts';
import { Run, type RunOptions } from '../../src/model/run.ts';
import type { Engine } from '../../src/tensor/engine.ts';
import { quadsOf, type Shape } from '../../src/tensor/layout.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { gelu, silu } from '../reference/activations.ts';
import { array4 } from '../reference/array.ts';
import { fixtureCheckpoint } from './checkpoint.ts';
import { assertClose } from './close.ts';
import { leakFree } from './engine.ts';
import { fixture, tensor } from './fixtures.ts';

type Values = ArrayLike<number>;
type Io = Map<string, { data: Float32Array; shape: number[] }>;

/** The block whose steps are recorded one by one. */
export const FIRST = 'encoder_level1.0';

/** Channels [from, to) of all pictures. */
function channels({ data, shape: [n, c, h, w] }: { data: Values; shape: number[] }, from: number, to: number): Values {
  const picked: number[] = [];
  for (let i = 0; i < n; i++) for (let k = (i * c + from) * h * w; k < (i * c + to) * h * w; k++) picked.push(data[k]);
  return picked;
}

export const sum = (a: Values, b: Values): Values => Float64Array.from(a, (v, i) => v + b[i]);

/**
 * What PyTorch recorded, in the form in which the engine has it: activations that are fused with what precedes or follows them are
 * compared after the fusion. Those that never exist (norms folded into a convolution) are run as operations of their own below.
 */
function expectedOf(name: string, io: Io): Values {
  const act = (key: string) => tensor(io, `act.${key}`);
  if (name === `${FIRST}.attn.conv2d`) return silu(array4(act(name).data, act(name).shape)).data;
  if (name === `${FIRST}.attn`) return sum(act('patch_embed.proj').data, act(name).data);
  if (name === `${FIRST}.ffn.gated`) {
    const conv = act(`${FIRST}.ffn.dwconv`);
    const half = conv.shape[1] / 2;
    const [n, , h, w] = conv.shape;
    const a = gelu(array4(channels(conv, 0, half), [n, half, h, w])).data;
    return Float64Array.from(channels(conv, half, 2 * half), (b, i) => a[i] * b);
  }
  if (name === `${FIRST}.attn.gated`) {
    const [n, twice, h, w] = act(`${FIRST}.attn.in_conv`).shape;
    const c = twice / 2;
    const z = silu(array4(channels(act(`${FIRST}.attn.in_conv`), c, twice), [n, c, h, w])).data;
    return Float64Array.from(act(`${FIRST}.attn.out_norm`).data, (v, i) => v * z[i]);
  }
  return act(name).data;
}

/**
 * The channels of a recorded activation that a traced tensor holds. The feed-forward runs in strips of hidden channels: its tensors hold
 * channels from `first` on, of both halves where it has two, each of which begins at a quad of its own.
 */
function expectedPart(
  name: string,
  t: Tensor,
  first: number | undefined,
  io: Io,
): { values: Values; where: [number, number][] } {
  const whole = expectedOf(name, io);
  const channelsOfTensor = t.shape[1];
  if (first === undefined) return { values: whole, where: [[0, channelsOfTensor]] };
  const [n, , h, w] = t.shape;
  const recordedChannels = whole.length / (n * h * w);
  const part = (from: number, count: number): Values =>
    channels({ data: whole, shape: [n, recordedChannels, h, w] }, from, from + count);
  if (!name.endsWith('project_in')) return { values: part(first, channelsOfTensor), where: [[0, channelsOfTensor]] };
  // The strip holds `count` channels, filled up to whole quads, and `count` more.
  const count = [...Array(channelsOfTensor).keys()].find((k) => 4 * quadsOf(k) + k === channelsOfTensor)!;
  const second = 4 * quadsOf(count);
  const joined: number[] = [];
  const [a, b] = [part(first, count), part(recordedChannels / 2 + first, count)];
  const size = count * h * w;
  for (let i = 0; i < n; i++) for (const half of [a, b]) for (let k = 0; k < size; k++) joined.push(half[i * size + k]);
  return {
    values: joined,
    where: [
      [0, count],
      [second, second + count],
    ],
  };
}

/** Some channels of all pictures, one range after the other within each. */
function picked(values: Values, shape: Shape, where: [number, number][]): Values {
  const [n, c, h, w] = shape;
  const found: number[] = [];
  for (let i = 0; i < n; i++) {
    for (const [from, to] of where)
      for (let k = (i * c + from) * h * w; k < (i * c + to) * h * w; k++) found.push(values[k]);
  }
  return found;
}

/** Activations of which PyTorch recorded what the engine has too. */
const RECORDED = [
  'patch_embed.proj',
  'encoder_level1',
  'down1_2',
  'encoder_level2',
  'down2_3',
  'encoder_level3',
  'down3_4',
  'latent',
]
  .concat([
    'up4_3',
    'reduce_chan_level3',
    'decoder_level3',
    'up3_2',
    'reduce_chan_level2',
    'decoder_level2',
    'up2_1',
    'decoder_level1',
    'refinement',
  ])
  .concat(
    ['attn.in_conv', 'attn.conv2d', 'attn.gated', 'attn.channel_norm', 'attn', 'ffn.project_in', 'ffn.gated'].map(
      (step) => `${FIRST}.${step}`,
    ),
  );

/** Largest relative errors. */
export interface Tolerance {
  readonly activations: number;
  readonly output: number;
}

/**
 * Runs the network of a fixture and compares every recorded activation and the output; leaves nothing on the engine.
 * @param makeRun makes the pass through the network
 * @returns how often each activation was traced, and how many scans were drawn
 */
export function assertRecorded(
  engine: Engine,
  name: string,
  { activations, output }: Tolerance,
  makeRun: (engine: Engine, options: RunOptions) => Run = (on, options) => new Run(on, options),
): Promise<{ parts: ReadonlyMap<string, number>; scans: number }> {
  return leakFree(engine, async () => {
    const network = await Network.pack(engine, await fixtureCheckpoint(`${name}.weights.safetensors`));
    const io = await fixture(`${name}.io.safetensors`);
    const reads: Promise<unknown>[] = [];
    const seen = new Map<string, number>();
    const parts = new Map<string, number>();
    const trace = (key: string, t: Tensor, first?: number): void => {
      if (!RECORDED.includes(key)) return;
      seen.set(key, (seen.get(key) ?? 0) + t.shape[1]);
      parts.set(key, (parts.get(key) ?? 0) + 1);
      const { values: expected, where } = expectedPart(key, t, first, io);
      const what = `${name} ${key} from channel ${first ?? 0}`;
      reads.push(t.read().then((values) => assertClose(picked(values, t.shape, where), expected, activations, what)));
    };
    const { data, shape } = tensor(io, 'input');
    using image = engine.tensor(data, shape as unknown as Shape);
    let scans = 0;
    const counting: Engine = Object.assign(Object.create(engine), {
      draw(...drawn: Parameters<Engine['draw']>) {
        if (drawn[0].shader.file.endsWith('/scan_apply.frag')) scans++;
        engine.draw(...drawn);
      },
    });
    using result = await network.run(makeRun(counting, { trace }), image);
    reads.push(
      result.read().then((values) => assertClose(values, tensor(io, 'output').data, output, `${name} output`)),
    );
    const failures = (await Promise.allSettled(reads))
      .filter((r) => r.status === 'rejected')
      .map((r) => (r.reason as Error).message);
    network.dispose();
    if (failures.length) throw new Error(failures.join('\n'));
    assert.equal(
      RECORDED.filter((key) => !seen.has(key)),
      [],
      'never traced',
    );
    // What comes in strips must have come whole.
    const recorded = (key: string): number => tensor(io, `act.${FIRST}.${key}`).shape[1];
    assert.is(seen.get(`${FIRST}.attn.in_conv`), recorded('attn.in_conv'));
    assert.is(seen.get(`${FIRST}.ffn.gated`), recorded('ffn.dwconv') / 2);
    return { parts, scans };
  });
}
