/**
 * The network on lesser devices, chosen by option: fewer attachments, half storage, small textures, no parallel compile, texelFetch or
 * samplers; and without timer queries, which the engine never asks for.
 */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Network } from '../../src/model/network.ts';
import { Run } from '../../src/model/run.ts';
import { createEngine, type Engine, type EngineOptions } from '../../src/tensor/engine.ts';
import { Rehearsal } from '../../src/tensor/rehearsal.ts';
import type { NetworkConfig } from '../reference/variants.ts';
import { assertRecorded, type Tolerance } from '../support/activations.ts';
import { checkpointOf } from '../support/checkpoint.ts';
import { assertClose } from '../support/close.ts';
import { newContext } from '../support/context.ts';
import { leakFree, sharedEngine } from '../support/engine.ts';
import { assertOptions } from '../support/engine_options.ts';
import { hashedWeights, noise } from '../support/hash.ts';
import { parameterShapes } from '../support/parameters.ts';
import { SMALL } from '../support/small.ts';

const NETWORKS = ['derain', 'derain33', 'sr', 'realsr', 'dualpixel'];

type Case = readonly [title: string, run: (engine: Engine) => Promise<void>];

const FULL: Tolerance = { activations: 1e-4, output: 1e-4 };
const HALF: Tolerance = { activations: 4e-2, output: 2e-2 };

device('4 attachments', { attachments: 4 }, NETWORKS, FULL);
device('1 attachment', { attachments: 1 }, NETWORKS, FULL);
device('all attachments in half storage', { precision: 'f16' }, NETWORKS, HALF);
device('4 attachments in half storage', { attachments: 4, precision: 'f16' }, NETWORKS, HALF);
device('1 attachment in half storage', { attachments: 1, precision: 'f16' }, NETWORKS, HALF);
for (const attachments of [undefined, 1] as const) {
  // What a graphics card's kernels do, with texelFetch, and those of a renderer in software do not unless told.
  const options = { attachments, maxTextureSize: 2048, parallelCompile: false, fetch: 'texel' } as const;
  const name = `${attachments ?? 'all'} attachments, small textures, no parallel compile, no timer query, texelFetch`;
  // With one pixel a brick, textures are longest.
  const more: readonly Case[] =
    attachments === 1 ? [['textures that are too small for a picture: it is laid out in rows', laidOut]] : [];
  device(name, options, ['derain', 'sr', 'dualpixel'], FULL, withoutTimers, more);
}

/** A suite on one engine: the networks share most of their programs, which take longer to compile than to run. */
function device(
  name: string,
  options: EngineOptions,
  networks: readonly string[],
  tolerance: Tolerance,
  context?: () => WebGL2RenderingContext,
  more: readonly Case[] = [],
): void {
  const test = suite(`device with ${name}`);
  let engine: Engine;
  test.before(async () => {
    engine = await createEngine(context?.(), options);
  });
  test('is what it was asked to be', () => assertOptions(engine, options));
  for (const network of networks)
    test(`${network} is within ${tolerance.output} of PyTorch`, async () => {
      await assertRecorded(engine, network, tolerance);
    });
  for (const [title, run] of more) test(title, () => run(engine));
  test.after(() => {
    engine.dispose();
  });
  test.run();
}

function withoutTimers(): WebGL2RenderingContext {
  const gl = newContext();
  const { getExtension } = gl as { getExtension(name: string): unknown };
  return Object.assign(gl, {
    getExtension: (name: string) => (name.includes('timer_query') ? null : getExtension.call(gl, name)),
  });
}

/** What a feed-forward has between its kernels fills a texture with few pixels, and takes little to compute. */
async function laidOut(engine: Engine): Promise<void> {
  const config: NetworkConfig = { ...SMALL, dim: 4, blocks: [1, 1, 1, 1], expansion: 32 };
  const checkpoint = checkpointOf(hashedWeights(parameterShapes(config)));
  const shape = [1, 3, 64, 72] as const;
  const picture = noise(4000, 3 * 64 * 72).map((v) => (v + 1) / 2);
  const whole = { room: Number.POSITIVE_INFINITY };
  const run = (on: Engine): Promise<Float32Array> =>
    leakFree(on, async () => {
      const network = await Network.pack(on, checkpoint);
      try {
        using image = on.tensor(picture, shape);
        using output = await network.run(new Run(on, whole), image);
        return await output.read();
      } finally {
        network.dispose();
      }
    });

  const unlimited = await sharedEngine();
  const { maxTextureSize } = unlimited.format;
  const network = await Network.pack(engine, checkpoint);
  const rehearsal = new Rehearsal({ ...engine.format, maxTextureSize });
  using image = rehearsal.allocate(shape);
  using _output = await network.run(new Run(rehearsal, whole), image);
  network.dispose();
  const planned = Math.max(...rehearsal.memoryPlan.textures.flatMap(({ width, height }) => [width, height]));
  assert.ok(planned > 2048, `${planned} where the limit is ${maxTextureSize}`);

  const { gl } = engine;
  const { texStorage3D } = gl;
  const made: number[] = [];
  gl.texStorage3D = (target, levels, format, width, height, layers) => {
    made.push(width, height);
    texStorage3D.call(gl, target, levels, format, width, height, layers);
  };
  engine.trim();
  const limited = await run(engine).finally(() => Object.assign(gl, { texStorage3D }));
  assert.ok(made.length > 0 && Math.max(...made) <= 2048, `${Math.max(...made)} of ${made.length}`);
  const error = assertClose(limited, await run(unlimited), 1e-5, 'within the limit');
  console.log(
    `at most ${Math.max(...made)} texels a side where ${planned} would be: relative error ${error.toExponential(1)} of 1e-5`,
  );
}
