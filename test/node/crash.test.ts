/** The process in which a browser draws dies, as it does when a driver fails: not the loss that a page asks for, and less orderly. */
import type { Browser, Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Model } from '../../src/index.ts';
import { launch } from '../../tools/browser.ts';
import { bundle, root } from '../../tools/bundle.ts';
import { serve } from '../../tools/serve.ts';

const test = suite('a graphics process that dies');

/** What the page does; `stage` tells how far it is. */
interface Work {
  model: Model;
  stage: string;
  /** Loads the model where there is none, and answers a sample restored as numbers, or what went wrong. */
  restored(): Promise<number[] | string>;
}
declare const work: Work;

const SCRIPT = `
import { load } from './src/index.ts';
globalThis.work = {
  stage: '',
  async restored() {
    const onProgress = ({ stage, fraction }) => { work.stage = stage + ' ' + Math.floor(fraction * 4); };
    try {
      work.model ??= await load('/fixtures/derain.weights.safetensors', { onProgress });
      const image = await (await fetch('/samples/cat.small.png')).blob();
      return [...(await work.model.restore(image, { onProgress })).data];
    } catch (error) {
      return error.name + ': ' + error.message;
    }
  },
};`;

for (const stage of ['compile 0', 'run 1']) {
  test(`at '${stage}': a DeviceError, and once the browser has another the same picture as ever`, async () => {
    const server = await serve({
      files: new Map([
        ['/', '<!doctype html><script type="module" src="/page.js"></script>'],
        ['/page.js', await bundle(SCRIPT)],
      ]),
      folders: { '/fixtures/': `${root}/test/fixtures`, '/samples/': `${root}/samples` },
    });
    const { browser, page } = await launch({ driver: 'swiftshader', url: server.url });
    try {
      const expected = stage === 'run 1' ? await restored(page) : undefined;
      const failed = restored(page);
      await reached(page, stage);
      process.kill(await graphicsProcess(browser), 'SIGKILL');
      assert.is(await failed, 'DeviceError: The WebGL2 context was lost.');

      let again = await restored(page);
      for (let tries = 0; typeof again === 'string' && tries < 50; tries++) {
        assert.match(again, /^DeviceError: /);
        await new Promise((resolve) => setTimeout(resolve, 100));
        again = await restored(page);
      }
      assert.instance(again, Array, String(again));
      if (expected) assert.equal(again, expected);
    } finally {
      await browser.close();
      await server.close();
    }
  });
}

function restored(page: Page): Promise<number[] | string> {
  return page.evaluate(() => work.restored());
}

async function reached(page: Page, stage: string): Promise<void> {
  while ((await page.evaluate(() => work.stage)) !== stage);
}

async function graphicsProcess(browser: Browser): Promise<number> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  return processInfo.find(({ type }) => type === 'GPU')!.id;
}

test.run();
