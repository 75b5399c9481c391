/** Images in, images out: sizes, alpha, colours, and reading back. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { load, type Model, SizeError } from '../../src/index.ts';
import { array4, zeros } from '../reference/array.ts';
import { reflectPad } from '../reference/reflect_pad.ts';
import { assertClose } from '../support/close.ts';
import { sharedEngine } from '../support/engine.ts';
import { bundledModel } from '../support/models.ts';
import { gradient } from '../support/pictures.ts';
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

test('runs side by side wait for each other, and give what each gives alone', async () => {
  const model = await derain();
  const pictures = [gradient(24, 16), gradient(16, 8, 5)];
  const alone: Uint8ClampedArray[] = [];
  for (const picture of pictures) alone.push((await model.restore(picture)).data);
  const finished: Uint8ClampedArray[] = [];
  await Promise.all(pictures.map(async (picture) => finished.push((await model.restore(picture)).data)));
  // The second is the smaller one: it would be done first if it did not wait.
  assert.equal(finished, alone);
});

test('ImageData of wide colours counts as it is', async () => {
  const model = await derain();
  const plain = gradient(5, 3);
  const wide = new ImageData(new Uint8ClampedArray(plain.data), 5, 3, { colorSpace: 'display-p3' });
  const restored = await model.restore(wide);
  assert.equal(restored.data, (await model.restore(plain)).data);
  assert.is(restored.colorSpace, wide.colorSpace);
});

test('the colours of a file with a profile of its own become sRGB', async () => {
  const model = await derain();
  if (!('colorSpace' in ImageData.prototype)) return; // a browser that knows no other makes no such file
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

test.run();
