/** The network on lesser devices, chosen by option: fewer attachments, half storage, small textures, no parallel compile. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Network } from '../../src/model/network.ts';
import { Run } from '../../src/model/run.ts';
import { createEngine, type EngineOptions } from '../../src/tensor/engine.ts';
import type { Shape } from '../../src/tensor/layout.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { fixtureCheckpoint } from '../support/checkpoint.ts';
import { assertClose } from '../support/close.ts';
import { fixture, tensor } from '../support/fixtures.ts';

const test = suite('devices');

/** Stages whose recorded activations are compared as they are. */
const STAGES = [
  'patch_embed.proj',
  'encoder_level1',
  'encoder_level2',
  'encoder_level3',
  'latent',
  'decoder_level3',
  'decoder_level2',
].concat(['decoder_level1', 'refinement', 'down1_2', 'down2_3', 'down3_4', 'up4_3', 'up3_2', 'up2_1']);

/** Runs a fixture on an engine with these options and compares every stage and the output. */
async function matches(name: string, options: EngineOptions, activations: number, output: number): Promise<void> {
  const engine = await createEngine(undefined, options);
  const network = new Network(engine, await fixtureCheckpoint(`${name}.weights.safetensors`));
  const io = await fixture(`${name}.io.safetensors`);
  const reads: Promise<unknown>[] = [];
  const trace = (key: string, t: Tensor): void => {
    if (STAGES.includes(key))
      reads.push(
        t.read().then((values) => assertClose(values, tensor(io, `act.${key}`).data, activations, `${name} ${key}`)),
      );
  };
  const input = tensor(io, 'input');
  const image = engine.tensor(input.data, input.shape as unknown as Shape);
  const result = await network.run(new Run(engine, undefined, undefined, trace), image);
  reads.push(result.read().then((values) => assertClose(values, tensor(io, 'output').data, output, `${name} output`)));
  const failures = (await Promise.allSettled(reads))
    .filter((r) => r.status === 'rejected')
    .map((r) => (r.reason as Error).message);
  assert.is(reads.length, STAGES.length + 1);
  for (const t of [image, result]) t.dispose();
  network.dispose();
  engine.dispose();
  engine.gl.getExtension('WEBGL_lose_context')?.loseContext(); // browsers keep only so many contexts
  if (failures.length) throw new Error(failures.join('\n'));
}

for (const name of ['derain', 'derain33', 'sr', 'realsr', 'dualpixel']) {
  for (const attachments of [4, 1] as const) {
    test(`${name} with ${attachments} attachments matches PyTorch`, () => matches(name, { attachments }, 1e-4, 1e-4));
  }
  for (const attachments of [8, 4, 1] as const) {
    test(`${name} with ${attachments} attachments in half storage is near PyTorch`, () =>
      matches(name, { attachments, precision: 'f16' }, 4e-2, 2e-2));
  }
}

test('small textures and no parallel compile change nothing', async () => {
  for (const attachments of [8, 1] as const)
    await matches('derain', { attachments, maxTextureSize: 2048, parallelCompile: false }, 1e-4, 1e-4);
});

test.run();
