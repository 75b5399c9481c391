/** Images in, images out: sizes, alpha, progress, abort, memory and bad input. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { InputError, load, type Model, type Progress, SizeError } from '../../src/index.ts';
import { createEngine } from '../../src/tensor/engine.ts';
import { array4, zeros } from '../reference/array.ts';
import { reflectPad } from '../reference/reflect_pad.ts';
import { assertClose } from '../support/close.ts';
import { sharedEngine } from '../support/engine.ts';
import { bundledModel } from '../support/models.ts';
import { blobOf, gradient } from '../support/pictures.ts';
import { rejection } from '../support/rejection.ts';

const test = suite('restore');

const derain = (): Promise<Model> => bundledModel('derain');

test('a checkpoint of PyTorch restores the same picture as the safetensors one', async () => {
  const engine = await sharedEngine();
  const image = gradient(40, 24);
  const restored: ImageData[] = [];
  for (const weights of ['/fixtures/derain.pth', '/fixtures/derain.weights.safetensors']) {
    using model = await load(weights, { engine });
    assert.is(model.variant, 'derain');
    restored.push(await model.restore(image));
  }
  assert.equal(restored[0].data, restored[1].data);
  assert.not.equal(restored[0].data, image.data);
});

for (const [width, height] of [
  [1, 1],
  [1, 9],
  [3, 2],
  [13, 5],
  [17, 24],
]) {
  test(`${width} x ${height}: padded by reflection, cropped, alpha carried over`, async () => {
    const model = await derain();
    const image = gradient(width, height);
    const restored = await model.restore(image);
    assert.equal([restored.width, restored.height], [width, height]);
    for (let i = 3; i < image.data.length; i += 4) assert.is(restored.data[i], image.data[i], `alpha at byte ${i}`);

    // The same picture, padded by the reference, without alpha: where the original is, the result must be the same.
    const [padWidth, padHeight] = [Math.ceil(width / 8) * 8, Math.ceil(height / 8) * 8];
    const planes = zeros([1, 3, height, width]);
    for (let i = 0; i < width * height; i++)
      for (let c = 0; c < 3; c++) planes.data[c * width * height + i] = image.data[4 * i + c];
    const padded = reflectPad(planes, padHeight, padWidth);
    const paddedImage = new ImageData(padWidth, padHeight);
    for (let i = 0; i < padWidth * padHeight; i++) {
      for (let c = 0; c < 3; c++) paddedImage.data[4 * i + c] = padded.data[c * padWidth * padHeight + i];
      paddedImage.data[4 * i + 3] = 255;
    }
    const whole = await model.restoreTensor(paddedImage);
    const part = await model.restoreTensor(image);
    assert.equal(part.shape, [1, 3, height, width]);
    const reference = array4(whole.data, whole.shape);
    const expected: number[] = [];
    for (let c = 0; c < 3; c++)
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++) expected.push(reference.data[(c * padHeight + y) * padWidth + x]);
    assertClose(part.data, expected, 1e-6, 'restored part');
    for (let i = 0; i < width * height; i++) {
      for (let c = 0; c < 3; c++) {
        const value = Math.min(1, Math.max(0, expected[c * width * height + i])) * 255;
        assert.ok(
          Math.abs(restored.data[4 * i + c] - value) <= 0.51,
          `pixel ${i}, channel ${c}: ${restored.data[4 * i + c]} for ${value}`,
        );
      }
    }
  });
}

test('enlarged four times, every pixel has the alpha of the one that it comes from', async () => {
  const image = gradient(13, 7);
  const { width, height, data } = await (await bundledModel('sr')).restore(image);
  assert.equal([width, height], [52, 28]);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = Math.floor(y / 4) * image.width + Math.floor(x / 4);
      assert.is(data[(y * width + x) * 4 + 3], image.data[from * 4 + 3], `alpha at ${x}, ${y}`);
    }
  }
});

test('progress rises to 1 through every stage', async () => {
  const engine = await sharedEngine();
  const seen: Progress[] = [];
  const onProgress = (p: Progress): void => void seen.push(p);
  using model = await load('/weights/derain-tiny.safetensors', { engine, onProgress });
  await model.restore(gradient(16, 16), { onProgress });
  for (const stage of ['load', 'compile', 'run']) {
    const fractions = seen.filter((p) => p.stage === stage).map((p) => p.fraction);
    assert.ok(fractions.length >= 2, `${stage} reported ${fractions.length} times`);
    assert.is(fractions.at(-1), 1, `${stage} ends at 1`);
    assert.ok(
      fractions.every((f, i) => f >= 0 && f <= 1 && (i === 0 || f >= fractions[i - 1])),
      `${stage} rises: ${fractions.join(' ')}`,
    );
  }
  assert.ok(seen.filter((p) => p.stage === 'run').length > 20, 'a run reports more than its ends');
});

test('an aborted run stops soon, leaks nothing, and the next one works', async () => {
  const model = await derain();
  const { engine } = model;
  const image = gradient(64, 64);
  const expected = await model.restore(image);
  const { live, fixed } = engine.memory;
  const drawsBefore = engine.draws;
  await model.restore(image);
  const wholeRun = engine.draws - drawsBefore;
  const controller = new AbortController();
  const started = engine.draws;
  const aborted = model.restore(image, {
    signal: controller.signal,
    onProgress: ({ fraction }) => fraction > 0.3 && controller.abort(),
  });
  assert.is((await rejection(aborted)).name, 'AbortError');
  assert.ok(engine.draws - started < wholeRun / 2, `${engine.draws - started} of ${wholeRun} draws were made`);
  assert.equal({ live: engine.memory.live, fixed: engine.memory.fixed }, { live, fixed });
  assert.is((await rejection(model.restore(image, { signal: AbortSignal.abort() }))).name, 'AbortError');
  assert.equal((await model.restore(image)).data, expected.data);
});

test('runs side by side wait for each other and agree', async () => {
  const model = await derain();
  const [a, b] = await Promise.all([model.restore(gradient(16, 8)), model.restore(gradient(16, 8))]);
  assert.equal(a.data, b.data);
});

test('repeated runs keep the byte count and create nothing', async () => {
  const model = await derain();
  const { engine } = model;
  await model.restore(gradient(24, 16));
  const before = { memory: engine.memory, created: engine.created };
  const calls = await callsOf(engine.gl, ['createTexture', 'createFramebuffer', 'createProgram'], async () => {
    for (let i = 0; i < 5; i++) await model.restore(gradient(24, 16));
  });
  assert.equal(calls, { createTexture: 0, createFramebuffer: 0, createProgram: 0 });
  assert.equal({ memory: engine.memory, created: engine.created }, before);
});

/** How often functions of a context are called during some work. */
async function callsOf<K extends 'createTexture' | 'createFramebuffer' | 'createProgram'>(
  gl: WebGL2RenderingContext,
  names: readonly K[],
  work: () => Promise<void>,
): Promise<Record<K, number>> {
  const counts = Object.fromEntries(names.map((name) => [name, 0])) as Record<K, number>;
  for (const name of names) {
    const original = gl[name].bind(gl) as () => never;
    gl[name] = () => {
      counts[name]++;
      return original();
    };
  }
  try {
    await work();
  } finally {
    for (const name of names) delete (gl as Partial<WebGL2RenderingContext>)[name];
  }
  return counts;
}

// With all attachments once and with fewer else: their kernels are compiled sooner.
for (const [weights, precision, attachments] of [
  ['derain', 'f32', undefined],
  ['derain', 'f16', 4],
  ['sr', 'f32', 1],
  ['sr', 'f16', 1],
  ['realsr', 'f32', 1],
  ['realsr', 'f16', 1],
] as const) {
  test(`a plan tells the bytes of a run to the byte: ${weights}, ${precision}, ${attachments ?? 'all'} attachments`, async () => {
    const engine = await createEngine(undefined, { precision, attachments });
    using model = await load(`/fixtures/${weights}.weights.safetensors`, { engine });
    const plan = await model.plan(40, 24);
    await model.restore(gradient(40, 24));
    assert.is(engine.memory.peak, plan.bytes);
    engine.dispose();
  });
}

test('all programs are there once it is loaded, and a disposed model leaves nothing', async () => {
  const engine = await createEngine();
  const model = await load('/weights/derain-tiny.safetensors', { engine });
  assert.ok(engine.memory.fixed > 3e6, 'weights are counted');
  const { programs } = engine.created;
  await model.restore(gradient(8, 8));
  assert.is(engine.created.programs, programs);
  model.dispose();
  engine.trim();
  const { live, pooled, fixed } = engine.memory;
  assert.equal({ live, pooled, fixed }, { live: 0, pooled: 0, fixed: 0 });
  engine.dispose();
});

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
  const model = await derain();
  const { fixed } = model.engine.memory;
  const error = await rejection(model.restore(new ImageData(model.engine.format.maxTextureSize + 1, 1)));
  assert.instance(error, SizeError);
  assert.match(error.message, `${model.engine.format.maxTextureSize + 1} x 1 is too large`);
  assert.is(model.engine.memory.fixed, fixed);
});

test('what is no image, and sizes that are none, get their sentence', async () => {
  const model = await derain();
  const cut = async (path: string, bytes: number): Promise<Blob> => (await blobOf(path)).slice(0, bytes);
  for (const [blob, sentence] of [
    [new Blob([]), /of 0 bytes, is no image that this browser can decode/],
    [new Blob(['not an image'], { type: 'image/png' }), /of 12 bytes.* is no image that this browser can decode/],
    [await cut('/samples/cat.rain.png', 100), /is an image of 320 x 256 that .* cannot decode: damaged, or too large/],
    [await cut('/fixtures/gradient.jpg', 660), /is an image of 13 x 9 that this browser cannot decode/],
    [pngStart(0, 7), /of 33 bytes, is no image that this browser can decode/],
    [pngStart(60, 7), /is an image of 60 x 7 that this browser cannot decode/],
  ] as const) {
    // Firefox and WebKit show as much of a damaged picture as there is.
    const decoded = await createImageBitmap(blob).catch(() => null);
    decoded?.close();
    if (decoded) continue;
    const error = await rejection(model.restore(blob));
    assert.instance(error, InputError);
    assert.match(error.message, sentence);
  }
  for (const [w, h] of [
    [0, 4],
    [-8, 8],
    [Number.NaN, 8],
    [1.5, 8],
  ])
    assert.instance(await rejection(model.plan(w, h)), InputError);
});

test('a file that declares too large a picture is refused before it is decoded', async () => {
  const { createImageBitmap } = globalThis;
  globalThis.createImageBitmap = () => assert.unreachable('it is decoded') as never;
  const error = await rejection((await derain()).restore(pngStart(40_000, 40_000))).finally(() => {
    globalThis.createImageBitmap = createImageBitmap;
  });
  assert.instance(error, SizeError);
  assert.match(
    error.message,
    /^A picture of 40000 x 40000 is too large for this device and network; \d+ x \d+ fits\.$/,
  );
});

test('ImageData without its pixels is refused, and that of wide colours counts as it is', async () => {
  const model = await derain();
  const gone = gradient(5, 3);
  structuredClone(null, { transfer: [gone.data.buffer] });
  const error = await rejection(model.restore(gone));
  assert.instance(error, InputError);
  assert.is(error.message, 'The ImageData of 5 x 3 has no pixels any more: its buffer was transferred.');

  const plain = gradient(5, 3);
  const wide = new ImageData(new Uint8ClampedArray(plain.data), 5, 3, { colorSpace: 'display-p3' });
  const restored = await model.restore(wide);
  assert.equal(restored.data, (await model.restore(plain)).data);
  assert.is(restored.colorSpace, 'display-p3');
});

test('the colours of a file with a profile of its own become sRGB', async () => {
  const model = await derain();
  const colours = gradient(8, 8);
  for (let i = 3; i < colours.data.length; i += 4) colours.data[i] = 255;
  const wide = new ImageData(new Uint8ClampedArray(colours.data), 8, 8, { colorSpace: 'display-p3' });
  const canvasOf = (colorSpace: PredefinedColorSpace): OffscreenCanvasRenderingContext2D => {
    const context = new OffscreenCanvas(8, 8).getContext('2d', { colorSpace })!;
    context.putImageData(wide, 0, 0);
    return context;
  };
  const file = await canvasOf('display-p3').canvas.convertToBlob();
  const expected = await model.restore(canvasOf('srgb').getImageData(0, 0, 8, 8));
  const restored = await model.restore(file);
  assert.is(restored.colorSpace, 'srgb');
  const furthest = (a: ImageData, b: ImageData): number =>
    Math.max(...a.data.map((value, i) => Math.abs(value - b.data[i])));
  assert.ok(furthest(restored, expected) <= 3, `${furthest(restored, expected)} levels`);
  assert.ok(furthest(restored, await model.restore(colours)) > 10, 'the profile makes a difference');
});

test('a picture that waits for its turn is given up at once when it is aborted', async () => {
  const model = await derain();
  let done = false;
  const first = model.restore(gradient(64, 64)).then(() => {
    done = true;
  });
  const controller = new AbortController();
  const second = model.restore(gradient(8, 8), { signal: controller.signal });
  const third = model.restore(gradient(8, 8));
  controller.abort(new Error('enough'));
  assert.is((await rejection(second)).message, 'enough');
  assert.not(done);
  await first;
  assert.is((await third).width, 8);
});

test('a result that the device has no memory to read is refused, not given as zeros', async () => {
  const model = await derain();
  const { gl } = model.engine;
  const { bufferData, getError } = gl;
  let failed = false;
  gl.bufferData = () => {
    failed = true;
  };
  gl.getError = () => {
    const error = failed ? gl.OUT_OF_MEMORY : getError.call(gl);
    failed = false;
    return error;
  };
  const error = await rejection(model.restore(gradient(8, 8))).finally(() =>
    Object.assign(gl, { bufferData, getError }),
  );
  assert.instance(error, SizeError);
  assert.match(error.message, / has no memory to read 256 bytes back\.$/);
  while (gl.getError() !== gl.NO_ERROR); // of reading into a buffer without bytes
});

test('the bundled network takes few draws: each costs as much as thousands of fetches', async () => {
  const model = await derain();
  for (const [side, most] of [
    [64, 370],
    [128, 405],
    [256, 660],
  ]) {
    const { draws } = await model.plan(side, side);
    assert.ok(draws <= most, `${draws} draws at ${side} x ${side}`);
  }
});

test('what a size takes stays the same after others', async () => {
  const model = await derain();
  const first = await model.plan(40, 24);
  const turned = await model.plan(24, 40);
  assert.equal(await model.plan(40, 24), first);
  assert.equal(await model.plan(24, 40), turned);
});

/** The start of a PNG of that size. */
function pngStart(width: number, height: number): Blob {
  const header = new DataView(new ArrayBuffer(33));
  for (const [i, word] of [0x89504e47, 0x0d0a1a0a, 13, 0x49484452, width, height, 0x08060000].entries())
    header.setUint32(4 * i, word);
  return new Blob([header]);
}

test('weights that cannot be had get their sentence', async () => {
  const engine = await sharedEngine();
  for (const [source, sentence] of [
    ['/weights/none.safetensors', /the server answered 404/],
    ['/', /a web page, not a checkpoint/],
    [new ArrayBuffer(3), /3 bytes in all/],
    [new Blob(['{"json": "but no checkpoint, and long enough"}']), /no safetensors file/],
    ['/fixtures/pth/legacy.pth', /format of PyTorch before 1\.6/],
    ['/fixtures/pth/bare.pth', /not of a VmambaIR network: it has no patch_embed\.proj\.weight/],
    ['/fixtures/pth/command.pth', /asks for posix\.system/],
  ] as const) {
    const error = await rejection(load(source, { engine }));
    assert.instance(error, InputError, error.message);
    assert.match(error.message, sentence);
  }
});

test.run();
