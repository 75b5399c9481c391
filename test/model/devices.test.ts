/**
 * The network on lesser devices, chosen by option: fewer attachments, half storage, small textures, no parallel compile, texelFetch or
 * samplers; and without timer queries, which the engine never asks for.
 */
import { suite } from 'uvu';
import { createEngine, type Engine, type EngineOptions } from '../../src/tensor/engine.ts';
import { assertRecorded, type Tolerance } from '../support/activations.ts';

const NETWORKS = ['derain', 'derain33', 'sr', 'realsr', 'dualpixel'];

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
  device(name, options, ['derain', 'sr', 'dualpixel'], FULL, withoutTimers);
}

/** A suite on one engine: the networks share most of their programs, which take longer to compile than to run. */
function device(
  name: string,
  options: EngineOptions,
  networks: readonly string[],
  tolerance: Tolerance,
  context?: () => WebGL2RenderingContext,
): void {
  const test = suite(`device with ${name}`);
  let engine: Engine;
  test.before(async () => {
    engine = await createEngine(context?.(), options);
  });
  for (const network of networks)
    test(`${network} is within ${tolerance.output} of PyTorch`, async () => {
      await assertRecorded(engine, network, tolerance);
    });
  test.after(() => {
    engine.dispose();
    engine.gl.getExtension('WEBGL_lose_context')?.loseContext(); // browsers keep only so many contexts
  });
  test.run();
}

function withoutTimers(): WebGL2RenderingContext {
  const gl = new OffscreenCanvas(1, 1).getContext('webgl2')!;
  const { getExtension } = gl as { getExtension(name: string): unknown };
  return Object.assign(gl, {
    getExtension: (name: string) => (name.includes('timer_query') ? null : getExtension.call(gl, name)),
  });
}
