/** The page for visitors, built as it is published and driven in a real browser on a software driver. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page, Route } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { root } from '../../tools/root.ts';
import {
  canvasPixels,
  captioned,
  crop,
  type GivenFile,
  givePicture,
  idle,
  openPage,
  openSite,
  type Pixels,
  pngFile,
  readSample,
  restore,
  type Site,
  saved,
  transfer,
  underWay,
} from '../support/page.ts';
import { psnr } from '../support/psnr.ts';
import { legacyStart } from '../support/pth.ts';
import { assertReadable } from '../support/readable.ts';

const test = suite('page');

declare global {
  /** Pictures that the worker has decoded since a test began to count. */
  var decodings: number;
}

const SIDE = 48;
let site: Site;
let browser: Browser;
let address: string;
/** The page that most tests go on with. */
let page: Page;

test.before(async () => {
  site = await openSite();
  ({ browser, address } = site);
  page = await openPage(browser, address);
});

test.after(() => site?.close());

test('a picture of rain comes out nearer the truth, and is saved as it is shown', async () => {
  const [rain, truth] = await parts('cat.rain.png', 'cat.clean.png');
  await givePicture(page, rain, 'part.of.cat.png');
  assert.ok(await page.isDisabled('#save'));
  assert.is(await page.getAttribute('#canvas', 'aria-label'), 'part.of.cat.png');
  await restore(page);

  const { name, picture } = await saved(page);
  assert.is(name, 'part.of.cat.restored.png');
  const [before, after] = [psnr(rain.data, truth.data), psnr(picture.data, truth.data)];
  assert.ok(after > before + 3, `${before.toFixed(2)} dB became ${after.toFixed(2)} dB`);

  await page.click('#zoom-pixels');
  assert.is(await page.textContent('#zoomed'), '100 %');
  assertSame(await shown('Home', picture), picture, 'all of it is the picture after');
  assertSame(await shown('End', picture), rain, 'all of it is the picture before');
});

test('the readings tell size, time, memory, network and device', async () => {
  const readings = await page.locator('dl').innerText();
  assert.match(readings, `${SIDE} × ${SIDE} → ${SIDE} × ${SIDE}`);
  assert.match(readings, /\d\.\d\d s, after \d\.\d\d s to load and \d\.\d\d s to compile/);
  assert.match(readings, /\d+\.\d MB at the peak/);
  assert.match(readings, /derain, 866,132 parameters/);
  assert.match(readings, /SwiftShader/);
  assert.match((await page.textContent('#status'))!, /^Restored in \d/);
});

test('the divider moves by keys, by its handle and by a drag of the picture', async () => {
  await page.click('#zoom-fit');
  const share = async () => Number(await page.getAttribute('#divider', 'aria-valuenow'));
  await page.focus('#divider');
  await page.keyboard.press('Home');
  assert.is(await share(), 0);
  await page.keyboard.press('ArrowLeft');
  assert.is(await share(), 0);
  for (const key of ['ArrowRight', 'ArrowUp', 'PageUp', 'Shift+ArrowRight']) await page.keyboard.press(key);
  assert.is(await share(), 24);
  assert.is(await page.getAttribute('#divider', 'aria-valuetext'), '24 % before, 76 % after');

  const box = (await page.locator('#canvas').boundingBox())!;
  const handle = (await page.locator('#divider').boundingBox())!;
  await page.mouse.move(handle.x + handle.width / 2, handle.y + handle.height / 2);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width / 2, box.y + 20, { steps: 3 });
  await page.mouse.up();
  assert.is(await share(), 50);
  await page.mouse.move(box.x + box.width / 2 - 100, box.y + 100);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width / 2 - 120, box.y + 100, { steps: 3 });
  await page.mouse.up();
  assert.ok((await share()) < 50, `${await share()}`);
});

test('zooming in shows pixels, by wheel, buttons, keys and pinch; dragging pans', async () => {
  const zoom = async () => Number.parseFloat((await page.textContent('#zoomed'))!);
  await page.focus('#divider');
  await page.keyboard.press('Home'); // one of the two pictures only
  await page.click('#zoom-fit');
  const whole = await zoom();
  const box = (await page.locator('#canvas').boundingBox())!;
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await page.mouse.move(x, y);
  await page.mouse.wheel(0, -400);
  await page.waitForFunction(
    (from) => Number.parseFloat(document.querySelector('#zoomed')!.textContent!) > from,
    whole,
  );
  await page.click('#zoom-out');
  assert.ok(Math.abs((await zoom()) - (whole * Math.exp(0.6)) / 1.5) <= 1, `${await zoom()} after ${whole}`);

  await page.focus('[value=derain]');
  const kept = await zoom();
  await page.keyboard.press('1');
  assert.is(await zoom(), kept, 'what is typed into a field is not for the picture');
  await page.focus('#open-picture');
  await page.keyboard.press('1');
  assert.is(await zoom(), 100);
  await page.focus('#canvas');
  for (let i = 0; i < 12; i++) await page.keyboard.press('+');
  assert.is(await zoom(), 6400);
  const before = await canvasPixels(page);
  assert.ok(colours(before) < 400, `a canvas of ${colours(before)} colours shows more than some pixels`);

  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x + 64, y, { steps: 4 });
  await page.mouse.up();
  const moved = await canvasPixels(page);
  assertSame(crop(moved, 144, 50, 100), crop(before, 80, 50, 100), 'the picture follows the pointer');
  await page.keyboard.press('ArrowLeft');
  assert.ok(differences(await canvasPixels(page), moved) > 0);

  await pinch(x, y);
  assert.is(await zoom(), 3200);
  await page.keyboard.press('0');
  assert.is(await zoom(), whole);

  await page.hover('#divider');
  await page.mouse.wheel(0, -400);
  await page.waitForFunction((text) => document.querySelector('#zoomed')!.textContent !== text, `${whole} %`);
});

test('a run is stopped in the middle, leaves nothing, and the next one works', async () => {
  const [rain] = await parts('cup.rain.png');
  await givePicture(page, rain, 'cup.png');
  await restore(page);
  const [expected, memory] = [await saved(page), await engineMemory()];
  await page.click('[data-picture="samples/cup.rain.png"]');
  await captioned(page, 'cup.rain.png');
  await page.click('#run');
  await underWay(page);
  await page.click('#run');
  await idle(page);
  assert.is(await page.textContent('#status'), 'Stopped.');
  assert.ok(await page.isHidden('#notice'), 'to stop is no error');
  await givePicture(page, rain, 'cup.png');
  await restore(page);
  assertSame((await saved(page)).picture, expected.picture, 'the run after');
  assert.equal(await engineMemory(), memory);
});

test('a worker that ended takes the result with it: saving says so, and restoring again works', async () => {
  const { picture: expected } = await saved(page);
  await end('/worker.js', page);
  await page.click('#save');
  await page.click('#save');
  assert.is(await notice(), 'The restored picture was lost when its worker stopped. Restore it again.');
  await restore(page);
  assert.ok(await page.isHidden('#notice'));
  assertSame((await saved(page)).picture, expected, 'restored by another worker');
});

test('a viewer that ended says so, and another one shows the picture and goes on', async () => {
  const visitor = await openPage(browser, address);
  await visitor.focus('#canvas');
  const before = await canvasPixels(visitor);
  const [started] = await Promise.all([visitor.waitForEvent('worker'), end('/viewer_worker.js', visitor)]);
  assert.match(started.url(), /viewer_worker\.js$/);
  await visitor.waitForSelector('#notice:not([hidden])');
  assert.match((await visitor.textContent('#notice-text'))!, /^The worker ended: .*out of luck/);
  let after = await canvasPixels(visitor);
  for (let tries = 0; tries < 50 && differences(after, before) > 0; tries++) after = await canvasPixels(visitor);
  assertSame(after, before, 'the canvas of another viewer');
  await visitor.keyboard.press('1');
  await visitor.keyboard.press('ArrowLeft');
  await visitor.keyboard.press('Escape');
  assert.ok(await visitor.isHidden('#notice'));
  assert.ok(differences(await canvasPixels(visitor), before) > 0, 'keys still zoom and move');

  await givePicture(visitor, crop(await readSample('cat.rain.png'), 120, 90, 16), 'small.png');
  await restore(visitor);
  assert.ok(await visitor.isHidden('#notice'));
  assert.ok(await visitor.isVisible('#divider'));
  await visitor.context().close();
});

test('another picture stops the run of the one before', async () => {
  const [rain] = await parts('cat.rain.png');
  await page.click('[data-picture="samples/cat.rain.png"]');
  await captioned(page, 'cat.rain.png');
  await page.click('#run');
  await underWay(page);
  await givePicture(page, rain, 'other.png');
  await idle(page);
  assert.ok(await page.isDisabled('#save'), 'the stopped run must not leave a result');
  assert.ok(await page.isHidden('#notice'));
});

test('what is dropped later is what is shown, whatever an earlier drop still loads', async () => {
  const [rain] = await parts('cat.rain.png');
  const checkpoint = await fixture('derain.pth');
  await drop([checkpoint, pngFile(rain, 'earlier.png')]);
  await page.waitForFunction(() => document.querySelector('#run')!.textContent === 'Stop');
  await drop([pngFile(rain, 'later.png')]);
  await page.waitForFunction(() => /^(earlier|later)\.png$/.test(document.querySelector('#caption')!.textContent!));
  await idle(page);
  await canvasPixels(page); // drawn: one that comes after it would be there by then
  assert.is(await page.textContent('#caption'), 'later.png');
  assert.ok(await page.isHidden('#notice'));
});

test('a sample that does not come says why, and until it comes nothing can be restored', async () => {
  const url = '**/samples/cup.rain.png';
  const sample = '[data-picture="samples/cup.rain.png"]';
  for (const [answer, reason] of [
    [(route: Route) => route.fulfill({ status: 404 }), 'the server answered 404 Not Found'],
    [(route: Route) => route.abort(), 'there is no connection to the server'],
  ] as const) {
    await page.route(url, answer);
    await page.click(sample);
    assert.is(await notice(), `The picture samples/cup.rain.png could not be fetched: ${reason}.`);
    assert.ok(await page.isEnabled('#run'), 'the picture before is still there');
    await page.unroute(url);
  }
  await page.route(url, () => {}); // never answers
  await page.click(sample);
  assert.ok(await page.isDisabled('#run'));
  const [rain] = await parts('cat.rain.png');
  const [request] = await Promise.all([page.waitForEvent('requestfailed'), givePicture(page, rain, 'instead.png')]);
  assert.match(request.url(), 'cup.rain.png');
  assert.ok(await page.isEnabled('#run'));
  assert.ok(await page.isHidden('#notice'), 'another choice is no error');
  await page.unroute(url);
});

test('a result is saved once, under its own name, when another picture is opened meanwhile', async () => {
  const [rain] = await parts('cat.rain.png');
  await givePicture(page, rain, 'mine.png');
  await restore(page);
  const worker = page.workers().find((worker) => worker.url().endsWith('/worker.js'))!;
  // Holds back what it answers until it is let go.
  await worker.evaluate(() => {
    const { postMessage } = globalThis;
    const held: unknown[][] = [];
    const letGo = () => {
      globalThis.postMessage = postMessage;
      for (const all of held) (postMessage as (...all: unknown[]) => void)(...all);
    };
    Object.assign(globalThis, { postMessage: (...all: unknown[]) => held.push(all), letGo });
  });
  const names: string[] = [];
  page.on('download', (download) => names.push(download.suggestedFilename()));
  for (let clicks = 0; clicks < 2; clicks++) await page.dispatchEvent('#save', 'click');
  await givePicture(page, rain, 'other.png');
  await Promise.all([
    page.waitForEvent('download'),
    worker.evaluate(() => (globalThis as unknown as { letGo(): void }).letGo()),
  ]);
  await page.waitForSelector('#save:disabled');
  assert.equal(names, ['mine.restored.png']);
});

test('a small sample is enlarged, compared with itself scaled up, and the old weights go', async () => {
  const { live, fixed } = await engineMemory();
  await page.click('[data-picture="samples/cup.small.png"]');
  await captioned(page, 'cup.small.png');
  assert.ok(await page.isChecked('[value=sr]'));
  assert.equal(await readings('time', 'memory', 'network'), ['–', '–', '–'], 'nothing is said of the old network');
  await restore(page);
  const { picture } = await saved(page);
  const found = psnr(picture.data, (await readSample('cup.clean.png')).data);
  assert.ok(Math.abs(found - 29.45) <= 0.05, `${found.toFixed(2)} dB`);
  assert.match((await page.textContent('#size'))!, '80 × 64 → 320 × 256');
  await page.click('#zoom-pixels');
  assertSame(await shown('Home', picture), picture, 'all of it is the picture after');
  const blurred = psnr((await shown('End', picture)).data, picture.data);
  assert.ok(blurred > 24 && blurred < 40, `what is shown before is ${blurred.toFixed(2)} dB from what is shown after`);

  await page.check('[value=derain]', { force: true });
  assert.equal(await readings('size', 'time', 'memory', 'network'), ['80 × 64', '–', '–', '–']);
  const [rain] = await parts('cat.rain.png');
  await givePicture(page, rain, 'again.png');
  await restore(page);
  assert.equal(await engineMemory(), { live, fixed });
});

test('transparency is saved exactly, colours under it too', async () => {
  const [rain] = await parts('cat.rain.png');
  const picture = crop(rain, 0, 0, 16);
  for (let i = 0; i < 256; i++) picture.data[4 * i + 3] = (i * 37) & 255;
  await givePicture(page, picture, 'glass.png');
  await restore(page);
  const [clear, opaque] = [(await saved(page)).picture, crop(rain, 0, 0, 16)];
  await givePicture(page, opaque, 'wall.png');
  await restore(page);
  const wall = (await saved(page)).picture;
  for (let i = 0; i < 256; i++) wall.data[4 * i + 3] = (i * 37) & 255;
  assertSame(clear, wall, 'only alpha differs');
});

test('a checkpoint is taken by drop: .pth, and another network is refused', async () => {
  const checkpoint = await fixture('derain.pth');
  await drop([checkpoint]);
  await page.waitForFunction(() => /are ready/.test(document.querySelector('#status')!.textContent!));
  assert.is(await page.textContent('#own-name'), 'derain.pth');
  assert.ok(await page.isChecked('[value=own]'));
  await restore(page);
  assert.match((await page.textContent('#network'))!, /^derain, /);

  await drop([await fixture('ops.safetensors')]);
  assert.match(await notice(), /not of a VmambaIR network/);
  await idle(page);
  assert.is(await page.textContent('#own-name'), 'derain.pth', 'what was chosen stays chosen');
  await restore(page);
  assert.ok(await page.isHidden('#notice'), 'the next attempt takes the error away');
});

test('what cannot be used gets its sentence, and the page goes on', async () => {
  const text = (name: string, content: string, mimeType = ''): GivenFile => ({
    name,
    mimeType,
    buffer: Buffer.from(content),
  });
  await drop([text('notes.txt', 'milk, bread', 'text/plain')]);
  assert.is(await notice(), 'notes.txt, of type text/plain, is neither a picture nor weights (.pth or .safetensors).');
  await drop([text('model', '<!doctype html><html>Sign in</html>')]);
  assert.is(await notice(), 'model is a web page, neither a picture nor weights (.pth or .safetensors).');
  await drop([text('model.pth', '<!doctype html><html>Sign in</html>')]);
  assert.match(await notice(), /web page, not a checkpoint/);
  await idle(page);
  for (const buffer of [
    (await fixture('pth/legacy.pth')).buffer,
    Buffer.from(legacyStart(3)),
    Buffer.from(legacyStart(4)),
  ]) {
    await drop([{ name: 'old.bin', mimeType: '', buffer }]);
    assert.match(await notice(), /the format of PyTorch before 1\.6, .* A recent PyTorch converts it/);
    await idle(page);
    await page.click('#notice-close');
  }
  const whole = await fixture('derain.weights.safetensors');
  await drop([{ ...whole, buffer: whole.buffer.subarray(0, 500_000) }]);
  assert.match(await notice(), /truncated/);
  await idle(page);
  await drop([text('broken.png', 'not a picture', 'image/png')]);
  assert.match(await notice(), /broken\.png.* is no image that this browser can decode/);
  await drop([]);
  assert.is(await notice(), 'No file was dropped.');
  await page.evaluate(dropGone);
  assert.is(await notice(), 'gone.png cannot be read: it is a folder, or was moved or changed meanwhile.');

  await page.check('[value=sr]', { force: true });
  await givePicture(page, { width: 4000, height: 2, data: new Uint8Array(32_000) }, 'strip.png');
  await restore(page);
  assert.match(await notice(), /^A picture of 4000 x 2 is too large .*; \d+ x \d+ fits\.$/);
  assert.equal(await readings('size', 'time', 'memory', 'network'), ['4000 × 2', '–', '–', '–']);
  await page.click('#notice-close');
  assert.ok(await page.isHidden('#notice'));

  await transfer(page, 'paste', [pngFile((await parts('cat.rain.png'))[0], 'pasted.png')]);
  await captioned(page, 'pasted.png');
});

test('a picture that is too large for the network is refused before it is decoded once more', async () => {
  await page.check('[value=sr]', { force: true });
  const small = crop(await readSample('cat.rain.png'), 120, 90, 16);
  await givePicture(page, small, 'small.png');
  await restore(page);
  const worker = page.workers().find((worker) => worker.url().endsWith('/worker.js'))!;
  await worker.evaluate(() => {
    const { createImageBitmap } = globalThis;
    const count = (...all: Parameters<typeof createImageBitmap>) => {
      globalThis.decodings++;
      return createImageBitmap(...all);
    };
    Object.assign(globalThis, { decodings: 0, createImageBitmap: count });
  });
  await givePicture(page, { width: 4000, height: 2, data: new Uint8Array(32_000) }, 'strip.png');
  await restore(page);
  assert.match(await notice(), /^A picture of 4000 x 2 is too large /);
  assert.is(await worker.evaluate(() => decodings), 0);
  await givePicture(page, small, 'small.png');
  await restore(page);
  assert.ok((await worker.evaluate(() => decodings)) > 0, 'decodings are counted');
});

test('a picture is known by its first bytes where its name tells no type', async () => {
  const [rain] = await parts('cat.rain.png');
  const gif = Buffer.from('R0lGODlhAQABAIAAAAUEBAAAACwAAAAAAQABAAACAkQBADs=', 'base64');
  const bmp = Buffer.alloc(58);
  bmp.write('BM');
  for (const [at, value] of Object.entries({ 2: 58, 10: 54, 14: 40, 18: 1, 22: 1, 26: 1 | (24 << 16), 34: 4 }))
    bmp.writeUInt32LE(value, Number(at));
  const buffers = {
    photo: pngFile(rain, '').buffer,
    'photo.bin': pngFile(rain, '').buffer,
    jpeg: (await fixture('gradient.jpg')).buffer,
    webp: (await fixture('gradient.webp')).buffer,
    gif,
    bmp,
  };
  for (const [name, buffer] of Object.entries(buffers)) {
    await drop([{ name, mimeType: name === 'photo.bin' ? 'application/octet-stream' : '', buffer }]);
    await shownOrRefused(name);
  }
  await drop([{ name: 'avif', mimeType: '', buffer: Buffer.from('\0\0\0 ftypavif and no more') }]);
  assert.is(await notice(), 'avif, a file of 24 bytes, is no image that this browser can decode.');
});

test('a picture is opened whatever is wrong with weights that came with it, and both are told of', async () => {
  const [rain] = await parts('cat.rain.png');
  const html = { name: 'model.pth', mimeType: '', buffer: Buffer.from('<!doctype html><html>Sign in</html>') };
  const nothing = { name: 'broken.png', mimeType: 'image/png', buffer: Buffer.from('not a picture') };
  await drop([html, pngFile(rain, 'beside.a.page.png')]);
  await captioned(page, 'beside.a.page.png');
  assert.is(await notice(), 'This is a web page, not a checkpoint.');

  const two = 'Open one weights file at a time; you gave 2.';
  await drop([html, html, pngFile(rain, 'beside.two.png')]);
  await captioned(page, 'beside.two.png');
  assert.is(await notice(), two);

  await drop([html, nothing, html]);
  await page.waitForFunction(() => /decode/.test(document.querySelector('#notice-text')!.textContent!));
  assert.match(await notice(), `${two} broken.png, a file of 13 bytes and type image/png, is no image`);
  await givePicture(page, rain, 'good.png');
  assert.ok(await page.isHidden('#notice'), 'what works takes the errors away');
});

test('a pair of pictures is restored by dual-pixel weights, left and right by their names', async () => {
  const [left, right] = await parts('cat.rain.png', 'cup.rain.png');
  const pair = async (...files: GivenFile[]): Promise<Pixels> => {
    await drop(files);
    await captioned(page, 'Left view_L.png, right view_R.png');
    await restore(page);
    const { name, picture } = await saved(page);
    assert.is(name, 'view_L.restored.png');
    return picture;
  };
  await drop([await fixture('dualpixel.weights.safetensors')]);
  await page.waitForFunction(() => /are ready/.test(document.querySelector('#status')!.textContent!));
  await givePicture(page, left, 'single.png');
  await restore(page);
  assert.match(await notice(), /two pictures of a dual-pixel camera, left and right: open or drop both at once\.$/);

  const expected = await pair(pngFile(left, 'view_L.png'), pngFile(right, 'view_R.png'));
  assert.ok(await page.isHidden('#notice'));
  assertSame(await pair(pngFile(right, 'view_R.png'), pngFile(left, 'view_L.png')), expected, 'dropped the other way');
  const twice = await pair(pngFile(left, 'view_L.png'), pngFile(left, 'view_R.png'));
  assert.ok(differences(twice, expected) > SIDE, 'the right picture counts');

  await page.check('[value=derain]', { force: true });
  await restore(page);
  assert.match(await notice(), /takes one picture; 2 were given\.$/);

  await page.check('[value=own]', { force: true });
  await page.setInputFiles('#picture-file', [pngFile(left, 'a.png'), pngFile(crop(right, 0, 0, 8), 'b.png')]);
  await captioned(page, 'Left a.png, right b.png');
  await restore(page);
  assert.match(await notice(), /of a pair have the same size, not 48 x 48 and 8 x 8\.$/);
  await drop([1, 2, 3].map((number) => pngFile(left, `${number}.png`)));
  assert.match(await notice(), /Open one picture at a time, .*; you gave 3\.$/);
});

test('a small page needs no scrolling sideways, and shows button and progress without any', async () => {
  for (const [width, height] of [
    [360, 740],
    [740, 360],
    [768, 1024],
  ]) {
    const small = await openPage(browser, address, { viewport: { width, height } });
    assert.equal(await small.evaluate(() => [document.documentElement.scrollWidth, innerWidth]), [width, width]);
    for (const id of ['run', 'progress']) {
      const box = (await small.locator(`#${id}`).boundingBox())!;
      assert.ok(box.y + box.height <= height, `${id} ends at ${box.y + box.height} of ${width} x ${height}`);
    }
    await small.context().close();
  }
});

test('the picture follows a window that goes to a screen of another density', async () => {
  const visitor = await openPage(browser, address);
  const zoom = async () => Number.parseFloat((await visitor.textContent('#zoomed'))!);
  const whole = await zoom();
  const session = await visitor.context().newCDPSession(visitor);
  for (const deviceScaleFactor of [2, 3]) {
    const screen = { width: 900, height: 600, deviceScaleFactor, mobile: false };
    await session.send('Emulation.setDeviceMetricsOverride', screen);
    await visitor.waitForFunction(
      (expected) => Math.abs(Number.parseFloat(document.querySelector('#zoomed')!.textContent!) - expected) <= 2,
      whole * deviceScaleFactor,
      { timeout: 10_000 },
    );
  }
  await visitor.context().close();
});

test('what is chosen, and how far it is, is seen in forced colours', async () => {
  const visitor = await openPage(browser, address, { forcedColors: 'active' });
  const looks = await visitor.evaluate(() =>
    ['[aria-pressed=true]', '[aria-pressed=false]', ':checked + span', ':not(:checked) + span', '#progress i'].map(
      (selector) => {
        const { borderWidth, backgroundColor, backgroundImage } = getComputedStyle(document.querySelector(selector)!);
        return { borderWidth, backgroundColor, backgroundImage };
      },
    ),
  );
  const [pressed, other, checked, unchecked, bar] = looks;
  assert.is.not(pressed.borderWidth, other.borderWidth);
  assert.is.not(checked.backgroundColor, unchecked.backgroundColor);
  assert.match(bar.backgroundImage, /^linear-gradient/);
  await visitor.context().close();
});

test('text is readable in a light and in a dark scheme', async () => {
  for (const colorScheme of ['light', 'dark'] as const) {
    // Without the change of a button's colour, which takes its time.
    const visitor = await openPage(browser, address, { colorScheme, reducedMotion: 'reduce' });
    await visitor.setInputFiles('#picture-file', { name: 'empty.png', mimeType: 'image/png', buffer: Buffer.alloc(0) });
    await visitor.waitForSelector('#notice:not([hidden])');
    await assertReadable(visitor, colorScheme);
    await visitor.context().close();
  }
});

test('the keyboard alone goes all the way, and one sees where it is', async () => {
  const visitor = await openPage(browser, address);
  const visited: string[] = [];
  const focused = () =>
    visitor.evaluate(() => {
      const element = document.activeElement as HTMLInputElement;
      const marked = element.type === 'radio' ? element.nextElementSibling! : element;
      const { outlineStyle } = getComputedStyle(marked, element.id === 'divider' ? '::after' : null);
      return { name: element.id || element.value || element.dataset.picture || element.tagName, outlineStyle };
    });
  const tabTo = async (wanted: string) => {
    for (let presses = 0; presses < 30; presses++) {
      await visitor.keyboard.press('Tab');
      const { name, outlineStyle } = await focused();
      visited.push(name);
      if (name !== 'BODY') assert.is(outlineStyle, 'solid', `${name} does not show that it is in focus`);
      if (name === wanted) return;
    }
    throw new Error(`Tab does not lead to ${wanted}: ${visited.join(', ')}`);
  };
  await tabTo('samples/cat.small.png');
  assert.equal(visited.slice(0, 6), ['A', 'canvas', 'zoom-out', 'zoom-in', 'zoom-fit', 'zoom-pixels']);
  await visitor.keyboard.press('Enter');
  await captioned(visitor, 'cat.small.png');
  await tabTo('sr');
  await visitor.keyboard.press('ArrowLeft');
  assert.ok(await visitor.isChecked('[value=derain]'));
  await tabTo('run');
  await visitor.keyboard.press('Enter');
  await visitor.waitForFunction(() => document.querySelector('#run')!.textContent === 'Stop');
  assert.is((await focused()).name, 'run', 'the button keeps the focus when it becomes another');
  await idle(visitor);
  await tabTo('save');
  const [download] = await Promise.all([visitor.waitForEvent('download'), visitor.keyboard.press('Enter')]);
  assert.is(download.suggestedFilename(), 'cat.small.restored.png');
  await tabTo('divider');
  await visitor.context().close();
});

test('without WebGL2 the page says so and what to do', async () => {
  // Browsers that cannot hand a canvas to a worker, or whose workers have no WebGL2.
  const handOver = () => {
    Reflect.deleteProperty(HTMLCanvasElement.prototype, 'transferControlToOffscreen');
  };
  for (const [scripts, prefix] of [
    [[handOver], ''],
    [[], 'OffscreenCanvas.prototype.getContext = () => null;'],
  ] as const) {
    const without = await openPage(browser, address, {}, scripts, prefix);
    const text = await without.textContent('#notice-text');
    assert.match(text!, /no WebGL2 context in a worker\. Turn on hardware acceleration/);
    await without.click('[data-picture="samples/cup.rain.png"]');
    await without.waitForFunction(() => document.querySelector('#notice-text')!.textContent !== '');
    assert.is(await without.textContent('#notice-text'), text);
    assert.ok(await without.isDisabled('#run'));
    await without.context().close();
  }
});

test('what is shown comes back when the device of the viewer was lost', async () => {
  // Keeps the context where this can reach it.
  const keep = `const open = OffscreenCanvas.prototype.getContext;
    OffscreenCanvas.prototype.getContext = function (...all) { return (self.gl = open.apply(this, all)); };`;
  const visitor = await openPage(browser, address, {}, [], keep);
  const cat = await canvasPixels(visitor);
  await visitor.click('[data-picture="samples/cup.small.png"]');
  await captioned(visitor, 'cup.small.png');
  const cup = await canvasPixels(visitor);
  const viewer = visitor.workers().find((worker) => worker.url().endsWith('/viewer_worker.js'))!;
  const event = (name: string, method: string) =>
    viewer.evaluate(
      ([name, method]) =>
        new Promise((resolve) => {
          const { gl } = globalThis as unknown as { gl: WebGL2RenderingContext };
          gl.canvas.addEventListener(name, resolve, { once: true });
          const lose = gl.getExtension('WEBGL_lose_context') ?? (globalThis as unknown as { lose: object }).lose;
          Object.assign(globalThis, { lose });
          (lose as Record<string, () => void>)[method]();
        }),
      [name, method],
    );
  await event('webglcontextlost', 'loseContext');
  await event('webglcontextrestored', 'restoreContext');
  assertSame(await canvasPixels(visitor), cup, 'the canvas after');

  await event('webglcontextlost', 'loseContext');
  await visitor.click('[data-picture="samples/cat.rain.png"]');
  await captioned(visitor, 'cat.rain.png');
  await event('webglcontextrestored', 'restoreContext');
  assertSame(await canvasPixels(visitor), cat, 'a picture that came while there was no device');
  await visitor.context().close();
});

test('a picture for which the viewer has no memory gets its sentence, and leaves nothing', async () => {
  // Counts what takes memory, and has none left after a texture was filled while it is said to be short of it.
  const count = `{
    self.held = { textures: 0, bitmaps: 0 };
    const { prototype: gl } = WebGL2RenderingContext;
    const { createTexture, deleteTexture, texImage2D, getError } = gl;
    gl.createTexture = function () { held.textures++; return createTexture.call(this); };
    gl.deleteTexture = function (texture) { held.textures--; deleteTexture.call(this, texture); };
    gl.texImage2D = function (...all) { self.full = self.short; texImage2D.apply(this, all); };
    gl.getError = function () {
      if (!self.full) return getError.call(this);
      self.full = false;
      return this.OUT_OF_MEMORY;
    };
    const { createImageBitmap } = self;
    const { close } = ImageBitmap.prototype;
    self.createImageBitmap = (...all) => { held.bitmaps++; return createImageBitmap(...all); };
    ImageBitmap.prototype.close = function () { held.bitmaps--; close.call(this); };
  }`;
  const visitor = await openPage(browser, address, {}, [], count);
  const viewer = visitor.workers().find((worker) => worker.url().endsWith('/viewer_worker.js'))!;
  const held = () => viewer.evaluate(() => ({ ...(globalThis as unknown as { held: object }).held }));
  const beShort = (short: boolean) => viewer.evaluate((short) => void Object.assign(globalThis, { short }), short);
  await visitor.click('#zoom-pixels');
  const [before, heldBefore] = [await canvasPixels(visitor), await held()];
  assert.equal(heldBefore, { textures: 1, bitmaps: 1 });

  await beShort(true);
  await visitor.click('[data-picture="samples/cup.small.png"]');
  await visitor.waitForSelector('#notice:not([hidden])');
  assert.is(
    await visitor.textContent('#notice-text'),
    'This device does not have enough memory to show a picture of 80 x 64.',
  );
  assertSame(await canvasPixels(visitor), before, 'what was shown');
  assert.is(await visitor.textContent('#caption'), 'cat.rain.png');
  assert.equal(await held(), heldBefore);

  await beShort(false);
  await visitor.click('[data-picture="samples/cup.small.png"]');
  await captioned(visitor, 'cup.small.png');
  assert.ok(await visitor.isHidden('#notice'));
  await canvasPixels(visitor); // drawn: the picture before is gone by then
  assert.equal(await held(), heldBefore);
  await visitor.context().close();
});

test('where workers have no WebGL2 the page says so and what to do', async () => {
  const context = await browser.newContext();
  // A worker of Safari 16 has neither of the two, or the canvas without the context.
  for (const missing of [
    ['OffscreenCanvas', 'WebGL2RenderingContext'],
    ['WebGL2RenderingContext'],
    ['OffscreenCanvas'],
  ]) {
    const visitor = await context.newPage();
    await visitor.route('**/worker.js', async (route) => {
      const response = await route.fetch();
      const without = missing.map((name) => `delete self.${name};`).join('');
      await route.fulfill({ response, body: without + (await response.text()) });
    });
    await visitor.goto(address);
    await captioned(visitor, 'cat.rain.png');
    await restore(visitor);
    const text = await visitor.textContent('#notice-text');
    assert.match(text!, /no WebGL2 context in a worker\. Turn on hardware acceleration/, missing.join());
  }
  await context.close();
});

test('npm start serves the page and prints where', async () => {
  const child = spawn(process.execPath, ['--import', 'tsx', 'tools/start.ts', '--port', '0'], { cwd: root });
  try {
    const [line] = await once(child.stdout, 'data');
    const [, url] = /The page is at (http:\S+)/.exec(String(line))!;
    const html = await (await fetch(url)).text();
    assert.match(html, '<script type="module" src="main.js">');
    assert.is((await fetch(`${url}worker.js`)).status, 200);
  } finally {
    child.kill();
  }
});

/** The same part of several samples. */
async function parts(...names: string[]): Promise<Pixels[]> {
  return Promise.all(names.map(async (name) => crop(await readSample(name), 120, 90, SIDE)));
}

/** What the canvas shows at actual pixels when a key has moved the divider: the picture in its middle. */
async function shown(key: 'Home' | 'End', { width, height }: Pixels): Promise<Pixels> {
  await page.focus('#divider');
  await page.keyboard.press(key);
  const canvas = await canvasPixels(page);
  return crop(canvas, Math.round((canvas.width - width) / 2), Math.round((canvas.height - height) / 2), width, height);
}

async function readings(...ids: string[]): Promise<string[]> {
  return Promise.all(ids.map(async (id) => (await page.textContent(`#${id}`))!));
}

async function engineMemory(): Promise<{ live: number; fixed: number }> {
  const { live, fixed } = await page.locator('#memory').evaluate(({ dataset }) => ({ ...dataset }));
  return { live: Number(live), fixed: Number(fixed) };
}

async function notice(): Promise<string> {
  await page.waitForSelector('#notice:not([hidden])');
  return (await page.textContent('#notice-text'))!;
}

/** Waits for a picture; one that is refused fails with the reason. */
async function shownOrRefused(name: string): Promise<void> {
  await page.waitForFunction(
    (name) =>
      document.querySelector('#caption')!.textContent === name ||
      document.querySelector('#notice-text')!.textContent !== '',
    name,
  );
  assert.is(await page.textContent('#notice-text'), '', name);
}

async function fixture(name: string): Promise<GivenFile> {
  return { name, mimeType: '', buffer: await readFile(join(root, 'test/fixtures', name)) };
}

function drop(files: readonly GivenFile[]): Promise<void> {
  return transfer(page, 'drop', files);
}

/** Runs in the page: drops a file that is no longer there. */
async function dropGone(): Promise<void> {
  const folder = await navigator.storage.getDirectory();
  const handle = await folder.getFileHandle('gone.png', { create: true });
  const stream = await handle.createWritable();
  await stream.write('some bytes');
  await stream.close();
  const data = new DataTransfer();
  data.items.add(await handle.getFile());
  await folder.removeEntry('gone.png');
  document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
}

/** Ends a worker by an error that nobody catches. */
async function end(script: string, page: Page): Promise<void> {
  const worker = page.workers().find((worker) => worker.url().endsWith(script))!;
  const closed = worker.waitForEvent('close');
  await worker.evaluate(() => {
    setTimeout(() => {
      throw new Error('out of luck');
    });
  });
  await closed;
}

/** Two fingers that come to half their distance. */
async function pinch(x: number, y: number): Promise<void> {
  await page.locator('#canvas').evaluate(
    (canvas, [x, y]) => {
      canvas.parentElement!.setPointerCapture = () => {}; // there is no such pointer
      const send = (type: string, pointerId: number, offset: number) =>
        canvas.dispatchEvent(
          new PointerEvent(type, { pointerId, clientX: x + offset, clientY: y, button: 0, bubbles: true }),
        );
      send('pointerdown', 11, -80);
      send('pointerdown', 12, 80);
      for (let offset = 80; offset >= 40; offset -= 10) {
        send('pointermove', 11, -offset);
        send('pointermove', 12, offset);
      }
      send('pointerup', 11, -40);
      send('pointerup', 12, 40);
    },
    [x, y],
  );
}

/** Without the long list of what differs. */
function assertSame(actual: Pixels, expected: Pixels, what: string): void {
  assert.equal([actual.width, actual.height], [expected.width, expected.height], what);
  assert.is(differences(actual, expected), 0, what);
}

function differences(a: Pixels, b: Pixels): number {
  return a.data.reduce((count, value, i) => count + (value === b.data[i] ? 0 : 1), 0);
}

function colours({ data }: Pixels): number {
  return new Set(new Uint32Array(data.buffer)).size;
}

test.run();
