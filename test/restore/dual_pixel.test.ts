/** Two pictures at once: the views of a dual-pixel camera, for a network of six channels. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { InputError, load, type Model } from '../../src/index.ts';
import { Network } from '../../src/model/network.ts';
import { Run } from '../../src/model/run.ts';
import { zeros } from '../reference/array.ts';
import { reflectPad } from '../reference/reflect_pad.ts';
import { fixtureCheckpoint } from '../support/checkpoint.ts';
import { assertClose } from '../support/close.ts';
import { leakFree, sharedEngine } from '../support/engine.ts';
import { bundledModel } from '../support/models.ts';
import { gradient } from '../support/pictures.ts';
import { rejectsWith } from '../support/rejection.ts';

const test = suite('dual pixel');
const WEIGHTS = 'dualpixel.weights.safetensors';

let shared: Promise<Model> | undefined;
async function dualPixel(): Promise<Model> {
  shared ??= sharedEngine().then((engine) => load(`/fixtures/${WEIGHTS}`, { engine }));
  return shared;
}

/** What the network makes of both pictures, put together and padded by the reference: cropped, [3, height, width]. */
async function expected(left: ImageData, right: ImageData): Promise<number[]> {
  const { width, height } = left;
  const planes = zeros([1, 6, height, width]);
  [left, right].forEach(({ data }, picture) => {
    for (let i = 0; i < width * height; i++)
      for (let c = 0; c < 3; c++) planes.data[(3 * picture + c) * width * height + i] = data[4 * i + c] / 255;
  });
  const padded = reflectPad(planes, Math.ceil(height / 8) * 8, Math.ceil(width / 8) * 8);
  const [, , h, w] = padded.shape;
  const engine = await sharedEngine();
  using image = engine.tensor(padded.data, padded.shape);
  const network = await Network.pack(engine, await fixtureCheckpoint(WEIGHTS));
  using output = await network.run(new Run(engine), image);
  const values = await output.read();
  network.dispose();
  const cropped: number[] = [];
  for (let c = 0; c < 3; c++)
    for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) cropped.push(values[(c * h + y) * w + x]);
  return cropped;
}

for (const [width, height] of [
  [16, 8],
  [13, 9],
  [1, 3],
]) {
  test(`a pair of ${width} x ${height}: channels 0 to 2 are the left picture, 3 to 5 the right one`, async () => {
    const model = await dualPixel();
    const [left, right] = [gradient(width, height), gradient(width, height, 5)];
    const reference = await expected(left, right);
    const { data, shape } = await leakFree(model.engine, () => model.restoreTensor([left, right]));
    assert.equal(shape, [1, 3, height, width]);
    assertClose(data, reference, 1e-5, 'restored');
    const swapped = await model.restoreTensor([right, left]);
    assert.throws(() => assertClose(swapped.data, reference, 1e-3, 'swapped'), /relative error/);

    const picture = await model.restore([left, right]);
    assert.equal([picture.width, picture.height], [width, height]);
    for (let i = 0; i < width * height; i++) {
      assert.is(picture.data[4 * i + 3], left.data[4 * i + 3], `alpha of pixel ${i}`);
      for (let c = 0; c < 3; c++) {
        const value = Math.min(1, Math.max(0, reference[c * width * height + i])) * 255;
        assert.ok(Math.abs(picture.data[4 * i + c] - value) <= 0.51, `pixel ${i}, channel ${c}`);
      }
    }
  });
}

test('two pictures where one is wanted, one where two are, and sizes that differ get their sentence', async () => {
  const [one, two] = [await bundledModel('derain'), await dualPixel()];
  const picture = gradient(16, 8);
  await leakFree(two.engine, async () => {
    for (const call of ['restore', 'restoreTensor'] as const) {
      await rejectsWith(one[call]([picture, picture]), InputError, /takes one picture; 2 were given/);
      await rejectsWith(two[call](picture), InputError, /takes a pair of pictures, left and right; 1 was given/);
      await rejectsWith(two[call]([picture] as never), InputError, /a pair of pictures, .*; 1 was given/);
      await rejectsWith(two[call]([picture, gradient(16, 9)]), InputError, /not 16 x 8 and 16 x 9\.$/);
      await rejectsWith(two[call]([picture, new Blob(['none'])]), InputError, /no image that this browser can decode/);
    }
  });
});

test.run();
