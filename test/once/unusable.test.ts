/** What is no picture, and no weights: each gets its sentence. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { InputError, load } from '../../src/index.ts';
import { sharedEngine } from '../support/engine.ts';
import { bundledModel } from '../support/models.ts';
import { blobOf, gradient, pngStart } from '../support/pictures.ts';
import { rejection } from '../support/rejection.ts';

const test = suite('unusable');

test('what is no image, and sizes that are none, get their sentence', async () => {
  const model = await bundledModel('derain');
  let refused = 0;
  const cut = async (path: string, bytes: number): Promise<Blob> => (await blobOf(path)).slice(0, bytes);
  for (const [blob, sentence] of [
    [new Blob([]), /of 0 bytes is no image that this browser can decode/],
    [new Blob(['not an image'], { type: 'image/png' }), /of 12 bytes.* is no image that this browser can decode/],
    [await cut('/samples/cat.rain.png', 100), /is an image of 320 x 256 that .* cannot decode: damaged, or too large/],
    [await cut('/fixtures/gradient.jpg', 660), /is an image of 13 x 9 that this browser cannot decode/],
    [pngStart(0, 7), /of 33 bytes is no image that this browser can decode/],
    [pngStart(60, 7), /is an image of 60 x 7 that this browser cannot decode/],
  ] as const) {
    // Firefox and WebKit show as much of a damaged picture as there is.
    const decoded = await createImageBitmap(blob).catch(() => null);
    decoded?.close();
    if (decoded) continue;
    const error = await rejection(model.restore(blob));
    assert.instance(error, InputError);
    assert.match(error.message, sentence);
    refused++;
  }
  assert.ok(refused >= 3, `${refused} refused: what is no picture at all no browser shows`);
  for (const [w, h] of [
    [0, 4],
    [-8, 8],
    [Number.NaN, 8],
    [1.5, 8],
  ])
    assert.instance(await rejection(model.plan(w, h)), InputError);
});

test('ImageData without its pixels is refused', async () => {
  const model = await bundledModel('derain');
  const gone = gradient(5, 3);
  structuredClone(null, { transfer: [gone.data.buffer] });
  const error = await rejection(model.restore(gone));
  assert.instance(error, InputError);
  assert.is(error.message, 'The ImageData of 5 x 3 has no pixels any more: its buffer was transferred.');
});

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
