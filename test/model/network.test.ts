/** The network against PyTorch: every recorded activation and the output, at small and at published size. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parameterCount } from '../../src/model/config.ts';
import { Network } from '../../src/model/network.ts';
import { Run } from '../../src/model/run.ts';
import { layerNorm, layerNormWeights } from '../../src/ops/layer_norm.ts';
import { quadsOf, type Shape } from '../../src/tensor/layout.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { gelu, silu } from '../reference/activations.ts';
import { array4 } from '../reference/array.ts';
import { PUBLISHED, type VariantName } from '../reference/variants.ts';
import { checkpointOf, fixtureCheckpoint } from '../support/checkpoint.ts';
import { assertClose } from '../support/close.ts';
import { sharedEngine } from '../support/engine.ts';
import { fixture, tensor } from '../support/fixtures.ts';
import { hashedWeights, noise } from '../support/hash.ts';
import { parameterShapes } from '../support/parameters.ts';

type Values = ArrayLike<number>;
type Io = Map<string, { data: Float32Array; shape: number[] }>;

const FIRST = 'encoder_level1.0';

/** Channels [from, to) of all pictures. */
function channels({ data, shape: [n, c, h, w] }: { data: Values; shape: number[] }, from: number, to: number): Values {
  const picked: number[] = [];
  for (let i = 0; i < n; i++) for (let k = (i * c + from) * h * w; k < (i * c + to) * h * w; k++) picked.push(data[k]);
  return picked;
}

const sum = (a: Values, b: Values): Values => Float64Array.from(a, (v, i) => v + b[i]);

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

const recorded = [
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

const test = suite('network');

for (const name of ['derain', 'derain33', 'sr', 'realsr', 'dualpixel']) {
  test(`${name}: activations and output match PyTorch`, async () => {
    const engine = await sharedEngine();
    const network = await Network.pack(engine, await fixtureCheckpoint(`${name}.weights.safetensors`));
    const io = await fixture(`${name}.io.safetensors`);
    const reads: Promise<void>[] = [];
    const seen = new Map<string, number>();
    const trace = (key: string, t: Tensor, first?: number): void => {
      if (!recorded.includes(key)) return;
      seen.set(key, (seen.get(key) ?? 0) + t.shape[1]);
      const { values: expected, where } = expectedPart(key, t, first, io);
      const what = `${name} ${key} from channel ${first ?? 0}`;
      reads.push(t.read().then((values) => void assertClose(picked(values, t.shape, where), expected, 1e-4, what)));
    };
    const input = tensor(io, 'input');
    using image = engine.tensor(input.data, input.shape as unknown as Shape);
    using output = await network.run(new Run(engine, undefined, undefined, trace), image);
    reads.push(
      output.read().then((values) => void assertClose(values, tensor(io, 'output').data, 1e-4, `${name} output`)),
    );
    const failures = (await Promise.allSettled(reads))
      .filter((r) => r.status === 'rejected')
      .map((r) => (r.reason as Error).message);
    network.dispose();
    if (failures.length) throw new Error(failures.join('\n'));
    const missing = recorded.filter((key) => !seen.has(key));
    if (missing.length) throw new Error(`never traced: ${missing.join(', ')}`);
    // What comes in strips must have come whole.
    for (const step of ['attn.in_conv', 'ffn.gated']) {
      const whole =
        step === 'ffn.gated'
          ? tensor(io, `act.${FIRST}.ffn.dwconv`).shape[1] / 2
          : tensor(io, `act.${FIRST}.${step}`).shape[1];
      if (seen.get(`${FIRST}.${step}`) !== whole)
        throw new Error(`${step}: ${seen.get(`${FIRST}.${step}`)} of ${whole} channels were traced`);
    }
  });

  test(`${name}: the norms that are folded match PyTorch as operations`, async () => {
    const engine = await sharedEngine();
    const checkpoint = await fixtureCheckpoint(`${name}.weights.safetensors`);
    const io = await fixture(`${name}.io.safetensors`);
    const attended = tensor(io, `act.${FIRST}.attn`);
    const inputs = {
      norm1: tensor(io, 'act.patch_embed.proj').data,
      norm2: sum(tensor(io, 'act.patch_embed.proj').data, attended.data),
    };
    for (const [norm, values] of Object.entries(inputs)) {
      const bias = checkpoint.has(`${FIRST}.${norm}.body.bias`)
        ? checkpoint.values(`${FIRST}.${norm}.body.bias`)
        : undefined;
      const weights = layerNormWeights(engine, { weight: checkpoint.values(`${FIRST}.${norm}.body.weight`), bias });
      using x = engine.tensor(values, attended.shape as unknown as Shape);
      using y = layerNorm(engine, x, weights);
      assertClose(await y.read(), tensor(io, `act.${FIRST}.${norm}`).data, 1e-4, `${name} ${norm}`);
      weights.dispose();
    }
  });
}

for (const [name, millions] of [
  ['derain', 28.71],
  ['derain33', 28.7],
  ['sr', 12.03],
  ['realsr', 10.5],
] as const) {
  test(`the published ${name}, ${millions} M parameters with hashed weights, matches PyTorch`, () =>
    publishedMatches(name, millions));
}

async function publishedMatches(name: VariantName, millions: number): Promise<void> {
  const engine = await sharedEngine();
  const network = await Network.pack(engine, checkpointOf(hashedWeights(parameterShapes(PUBLISHED[name]))));
  assert.is(Math.round(parameterCount(network.config) / 1e4), millions * 100);
  const samples = await fixture('full.samples.safetensors');
  const size = 64;
  using image = engine.tensor(
    noise(1000, 3 * size * size).map((v) => (v + 1) / 2),
    [1, 3, size, size],
  );
  using output = await network.run(new Run(engine), image);
  const values = await output.read();
  network.dispose();
  const found = Array.from(tensor(samples, `${name}.index`).data, (at) => values[at]);
  const error = assertClose(found, tensor(samples, `${name}.value`).data, 1e-3, `published ${name}`);
  console.log(`published ${name}: relative error ${error.toExponential(1)} of 1e-3`);
}

test.run();
