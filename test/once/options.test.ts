/** Options of the engine that a model opens for itself. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { InputError, load } from '../../src/index.ts';
import { createEngine } from '../../src/tensor/engine.ts';
import { newContext } from '../support/context.ts';
import { sharedEngine } from '../support/engine.ts';
import { rejectsWith } from '../support/rejection.ts';

const test = suite('options of load');
const WEIGHTS = '/fixtures/derain.weights.safetensors';

test('go to the engine that it opens', async () => {
  const options = { precision: 'f16', attachments: 4, maxTextureSize: 2048, memoryLimit: 1e8 } as const;
  using model = await load(WEIGHTS, { ...options, parallelCompile: false });
  assert.equal(model.engine.format, { precision: 'f16', attachments: 4, maxTextureSize: 2048 });
  assert.is(model.engine.memoryLimit, 1e8);
});

test('that cannot be used are refused before anything is fetched', async () => {
  for (const [options, sentence] of [
    [{ precision: 'f8' }, /precision is 'f32' or 'f16', not 'f8'/],
    [{ attachments: 3 }, /attachments is 8, 4 or 1, not 3/],
    [{ maxTextureSize: 100 }, /maxTextureSize is a whole number from 2048/],
    [{ fetch: 'nearest' }, /fetch is 'texel' or 'sample', not 'nearest'/],
    [{ memoryLimit: -1 }, /memoryLimit is a number of bytes above 0/],
  ] as const)
    await rejectsWith(load('/none', options as never), InputError, sentence);
});

test('beyond the device are refused with what it has', async () => {
  const gl = newContext();
  const { getParameter } = gl;
  gl.getParameter = (name: number) => (name === gl.MAX_DRAW_BUFFERS ? 4 : getParameter.call(gl, name));
  await rejectsWith(createEngine(gl, { attachments: 8 }), InputError, /writes 4 float32 attachments at once, not 8/);
  const engine = await createEngine(gl);
  assert.is(engine.format.attachments, 4);
  engine.dispose();
});

test('and an engine are not both taken', async () => {
  const engine = await sharedEngine();
  await rejectsWith(
    load(WEIGHTS, { engine, precision: 'f16', attachments: 4 }),
    InputError,
    /an engine or options .*precision, attachments/,
  );
  using model = await load(WEIGHTS, { engine, precision: undefined });
  assert.is(model.engine, engine);
});

test.run();
