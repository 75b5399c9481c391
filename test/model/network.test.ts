/** The network against PyTorch: every recorded activation and the output, at small and at published size. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parameterCount } from '../../src/model/config.ts';
import { Network } from '../../src/model/network.ts';
import { Run } from '../../src/model/run.ts';
import { layerNorm, layerNormWeights } from '../../src/ops/layer_norm.ts';
import type { Shape } from '../../src/tensor/layout.ts';
import { PUBLISHED, type VariantName } from '../reference/variants.ts';
import { assertRecorded, FIRST, sum } from '../support/activations.ts';
import { checkpointOf, fixtureCheckpoint } from '../support/checkpoint.ts';
import { assertClose } from '../support/close.ts';
import { sharedEngine } from '../support/engine.ts';
import { fixture, tensor } from '../support/fixtures.ts';
import { hashedWeights, noise } from '../support/hash.ts';
import { parameterShapes } from '../support/parameters.ts';

const test = suite('network');
const FULL = { activations: 1e-4, output: 1e-4 };

for (const name of ['derain', 'derain33', 'sr', 'realsr', 'dualpixel']) {
  // The fixtures are small, and without a cache their channels come in the parts that those of large pictures come in.
  test(`${name}: activations and output match PyTorch, made at once and in parts`, async () => {
    const engine = await sharedEngine();
    const whole = await assertRecorded(engine, name, FULL);
    const inParts = await assertRecorded(engine, name, FULL, 0);
    assert.is(whole.parts.get(`${FIRST}.ffn.gated`), 1);
    assert.ok(inParts.parts.get(`${FIRST}.ffn.gated`)! > 1, 'strips of the feed-forward');
    // Each further strip of a feed-forward takes 4 draws, those of the scans many more.
    console.log(`${name}: ${whole.draws} draws, ${inParts.draws} in parts`);
    assert.ok(inParts.draws > 1.5 * whole.draws, 'parts of the scans');
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
        ? await checkpoint.values(`${FIRST}.${norm}.body.bias`)
        : undefined;
      const weights = layerNormWeights(engine, {
        weight: await checkpoint.values(`${FIRST}.${norm}.body.weight`),
        bias,
      });
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
