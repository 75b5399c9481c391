/** Pictures for which there is no room: refused with a size that fits, before anything is spent on them. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { load, SizeError } from '../../src/index.ts';
import { createEngine } from '../../src/tensor/engine.ts';
import { bundledModel } from '../support/models.ts';
import { gradient, pngStart } from '../support/pictures.ts';
import { rejection } from '../support/rejection.ts';

const test = suite('too large');

test('a picture beyond the memory limit is refused with a size that fits', async () => {
  const engine = await createEngine(undefined, { memoryLimit: 8e6, attachments: 1 });
  using model = await load('/weights/derain-tiny.safetensors', { engine });
  const error = await rejection(model.restore(gradient(200, 100)));
  assert.instance(error, SizeError);
  const [, width, height] = /200 x 100 is too large.*; (\d+) x (\d+) fits/.exec(error.message)!.map(Number);
  assert.ok(width >= 8 && height >= 4 && width < 200, error.message);
  const restored = await model.restore(gradient(width, height));
  assert.equal([restored.width, restored.height], [width, height]);
  assert.ok(engine.memory.peak <= 8e6);
  // Small ones take more where they can, for fewer draws, and less where they must.
  const plan = await model.plan(64, 64);
  using roomy = await load('/weights/derain-tiny.safetensors', { attachments: 1 });
  const usual = await roomy.plan(64, 64);
  assert.ok(plan.bytes <= 8e6 && usual.bytes > 8e6, `${plan.bytes}, ${usual.bytes} with room`);
  assert.ok(plan.draws > usual.draws);
  engine.dispose();
});

test('a picture for which the device has no memory is refused with a size for which it has', async () => {
  const engine = await createEngine(undefined, { attachments: 1 });
  using model = await load('/weights/derain-tiny.safetensors', { engine });
  for (const [memory, sentence] of [
    [8e6, /200 x 100 is too large for this device and network; (\d+) x (\d+) fits\.$/],
    [1e4, /200 x 100 is too large for this device and network, and so is any other\.$/],
  ] as const) {
    const device = limitMemory(engine.gl, memory);
    const error = await rejection(model.restore(gradient(200, 100)));
    assert.instance(error, SizeError, error.message);
    const found = sentence.exec(error.message);
    assert.ok(found, error.message);
    assert.equal([engine.memory.live, engine.memory.pooled], [0, 0]);
    if (found.length > 1) {
      await model.restore(gradient(64, 64)); // has no memory for what this takes elsewhere
      assert.ok(engine.memory.peak <= 8e6, `${engine.memory.peak}`);
      const { textures } = engine.created;
      await model.restore(gradient(64, 64)); // and does not try that again
      assert.is(engine.created.textures, textures);
      engine.trim();
      const [width, height] = found.slice(1).map(Number);
      assert.ok(width > 32 && height > 16, error.message);
      assert.is((await model.restore(gradient(width, height))).width, width);
      engine.trim();
    }
    device.restore();
  }
  engine.dispose();
});

/** Lets a device have no memory once its texture arrays take this many bytes in four-byte values. */
function limitMemory(gl: WebGL2RenderingContext, bytes: number): { restore(): void } {
  const sizes = new Map<WebGLTexture, number>();
  let bound: WebGLTexture;
  let failed = false;
  const { bindTexture, texStorage3D, deleteTexture, getError } = gl;
  gl.bindTexture = (target, texture) => {
    if (texture) bound = texture;
    bindTexture.call(gl, target, texture);
  };
  gl.texStorage3D = (target, levels, format, width, height, layers) => {
    const size = width * height * layers * 16;
    const taken = [...sizes.values()].reduce((a, b) => a + b, 0);
    failed = taken + size > bytes;
    if (failed) return;
    sizes.set(bound, size);
    texStorage3D.call(gl, target, levels, format, width, height, layers);
  };
  gl.deleteTexture = (texture) => {
    if (texture) sizes.delete(texture);
    deleteTexture.call(gl, texture);
  };
  gl.getError = () => {
    if (!failed) return getError.call(gl);
    failed = false;
    return gl.OUT_OF_MEMORY;
  };
  return { restore: () => Object.assign(gl, { bindTexture, texStorage3D, deleteTexture, getError }) };
}

test('a picture beyond the texture size is refused before anything is uploaded', async () => {
  const model = await bundledModel('derain');
  const { fixed } = model.engine.memory;
  const error = await rejection(model.restore(new ImageData(model.engine.format.maxTextureSize + 1, 1)));
  assert.instance(error, SizeError);
  assert.match(error.message, `${model.engine.format.maxTextureSize + 1} x 1 is too large`);
  assert.is(model.engine.memory.fixed, fixed);
});

test('a file that declares too large a picture is refused before it is decoded', async () => {
  const { createImageBitmap } = globalThis;
  globalThis.createImageBitmap = () => assert.unreachable('it is decoded') as never;
  const error = await rejection((await bundledModel('derain')).restore(pngStart(40_000, 40_000))).finally(() => {
    globalThis.createImageBitmap = createImageBitmap;
  });
  assert.instance(error, SizeError);
  assert.match(
    error.message,
    /^A picture of 40000 x 40000 is too large for this device and network; \d+ x \d+ fits\.$/,
  );
});

test.run();
