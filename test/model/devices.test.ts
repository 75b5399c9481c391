/** The network on lesser devices, chosen by option: fewer attachments, half storage, small textures, no parallel compile. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Network } from '../../src/model/network.ts';
import { Run } from '../../src/model/run.ts';
import { createEngine, type Engine, type EngineOptions } from '../../src/tensor/engine.ts';
import type { Shape } from '../../src/tensor/layout.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { fixtureCheckpoint } from '../support/checkpoint.ts';
import { assertClose } from '../support/close.ts';
import { fixture, tensor } from '../support/fixtures.ts';

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

const NETWORKS = ['derain', 'derain33', 'sr', 'realsr', 'dualpixel'];

/** Largest relative errors. */
interface Tolerance {
  readonly activations: number;
  readonly output: number;
}
const FULL: Tolerance = { activations: 1e-4, output: 1e-4 };
const HALF: Tolerance = { activations: 4e-2, output: 2e-2 };

device('4 attachments', { attachments: 4 }, NETWORKS, FULL);
device('1 attachment', { attachments: 1 }, NETWORKS, FULL);
device('all attachments in half storage', { precision: 'f16' }, NETWORKS, HALF);
device('4 attachments in half storage', { attachments: 4, precision: 'f16' }, NETWORKS, HALF);
device('1 attachment in half storage', { attachments: 1, precision: 'f16' }, NETWORKS, HALF);
for (const attachments of [undefined, 1] as const) {
  const options = { attachments, maxTextureSize: 2048, parallelCompile: false };
  device(`${attachments ?? 'all'} attachments, small textures, no parallel compile`, options, ['derain'], FULL);
}

/** A suite on one engine: the networks share most of their programs, which take longer to compile than to run. */
function device(name: string, options: EngineOptions, networks: readonly string[], tolerance: Tolerance): void {
  const test = suite(`device with ${name}`);
  let engine: Engine;
  test.before(async () => {
    engine = await createEngine(undefined, options);
  });
  for (const network of networks)
    test(`${network} is within ${tolerance.output} of PyTorch`, () => matches(engine, network, tolerance));
  test.after(() => {
    engine.dispose();
    engine.gl.getExtension('WEBGL_lose_context')?.loseContext(); // browsers keep only so many contexts
  });
  test.run();
}

/** Runs a fixture and compares every stage and the output; leaves nothing on the engine. */
async function matches(engine: Engine, name: string, { activations, output }: Tolerance): Promise<void> {
  const network = await Network.pack(engine, await fixtureCheckpoint(`${name}.weights.safetensors`));
  const io = await fixture(`${name}.io.safetensors`);
  const reads: Promise<unknown>[] = [];
  const seen = new Set<string>();
  const compare = (t: Tensor, key: string, expected: string, limit: number): void => {
    reads.push(t.read().then((values) => assertClose(values, tensor(io, expected).data, limit, `${name} ${key}`)));
  };
  const trace = (key: string, t: Tensor): void => {
    if (!STAGES.includes(key)) return;
    seen.add(key);
    compare(t, key, `act.${key}`, activations);
  };
  const input = tensor(io, 'input');
  const image = engine.tensor(input.data, input.shape as unknown as Shape);
  const result = await network.run(new Run(engine, undefined, undefined, trace), image);
  compare(result, 'output', 'output', output);
  const failures = (await Promise.allSettled(reads))
    .filter((r) => r.status === 'rejected')
    .map((r) => (r.reason as Error).message);
  for (const t of [image, result]) t.dispose();
  network.dispose();
  assert.is(seen.size, STAGES.length);
  if (failures.length) throw new Error(failures.join('\n'));
  assert.equal([engine.memory.live, engine.memory.fixed], [0, 0]);
}
