/** The network against PyTorch: every recorded activation and the output. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { layerNorm, layerNormWeights } from '../../src/ops/layer_norm.ts';
import type { Shape } from '../../src/tensor/layout.ts';
import { assertRecorded, FIRST, sum } from '../support/activations.ts';
import { fixtureCheckpoint } from '../support/checkpoint.ts';
import { assertClose } from '../support/close.ts';
import { sharedEngine } from '../support/engine.ts';
import { fixture, tensor } from '../support/fixtures.ts';
import { runInParts } from '../support/in_parts.ts';

const test = suite('network');
const FULL = { activations: 1e-4, output: 1e-4 };

for (const name of ['derain', 'derain33', 'sr', 'realsr', 'dualpixel']) {
  // The fixtures are small, and without room their channels come in the parts that those of large pictures come in.
  test(`${name}: activations and output match PyTorch, made at once and in parts`, async () => {
    const engine = await sharedEngine();
    const whole = await assertRecorded(engine, name, FULL);
    const inParts = await assertRecorded(engine, name, FULL, runInParts);
    assert.is(whole.parts.get(`${FIRST}.ffn.gated`), 1);
    assert.ok(inParts.parts.get(`${FIRST}.ffn.gated`)! > 1, 'strips of the feed-forward');
    assert.ok(inParts.scans > whole.scans, `${whole.scans} scans, ${inParts.scans} in parts`);
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

test.run();
