/** A browser's processes die: the one that draws, as when a driver fails, less orderly than the loss that a page asks for; or a page's own. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { measureOn } from '../../bench/browser.ts';
import { benchmarkFiles } from '../../bench/files.ts';
import { launch } from '../../tools/browser.ts';
import { bundle } from '../../tools/bundle.ts';
import { root } from '../../tools/root.ts';
import { serve } from '../../tools/serve.ts';
import { QUICK_BROWSER } from '../../tools/testing/quick.ts';

const test = suite('processes that die');

declare global {
  /**
   * In the page: loads the model where there is none, and answers a hash of the sample restored, or what went wrong. Calls `reached` at
   * that fraction of that stage.
   */
  var restoreSample: (stage?: string, fraction?: number) => Promise<string>;
}

const SCRIPT = `
import { load } from './src/index.ts';
let model;
globalThis.restoreSample = async (stage, fraction) => {
  let told = false;
  const onProgress = (at) => {
    if (told || at.stage !== stage || at.fraction < fraction) return;
    told = true;
    void reached();
  };
  try {
    model ??= await load('/fixtures/derain.weights.safetensors', { onProgress, attachments: 1 });
    const sample = await (await fetch('/samples/cat.rain.png')).blob();
    const image = await createImageBitmap(sample, { resizeWidth: 96, resizeHeight: 64 }); // large enough to die in the middle
    const { data } = await model.restore(image, { onProgress });
    return [...new Uint8Array(await crypto.subtle.digest('SHA-256', data))].join(' ');
  } catch (error) {
    return error.name + ': ' + error.message;
  }
};`;

test('in the middle of a run, and while it compiles: a DeviceError, and once the browser has another the same as ever', async () => {
  const server = await serve({
    files: new Map([
      ['/', '<!doctype html><script type="module" src="/page.js"></script>'],
      ['/page.js', await bundle(SCRIPT)],
    ]),
    folders: { '/fixtures/': join(root, 'test/fixtures'), '/samples/': join(root, 'samples') },
  });
  let expected: string | undefined;
  try {
    for (const dying of [
      ['run', 0.3],
      ['compile', 0],
    ] as [string, number][]) {
      const { browser, page } = await launch(QUICK_BROWSER);
      try {
        const graphics = await graphicsProcess(browser);
        await page.exposeFunction('reached', () => process.kill(graphics, 'SIGKILL'));
        await page.goto(server.url);
        expected ??= await page.evaluate(() => globalThis.restoreSample());
        const failed = page.evaluate((at) => globalThis.restoreSample(...at), dying);
        assert.is(await failed, 'DeviceError: The WebGL2 context was lost.');

        let again = '';
        for (let tries = 0; /^(DeviceError|$)/.test(again) && tries < 50; tries++) {
          await new Promise((resolve) => setTimeout(resolve, 100));
          again = await page.evaluate(() => globalThis.restoreSample());
        }
        assert.match(again, /^\d+ \d+ /);
        assert.is(again, expected, `${dying}`);
      } finally {
        await browser.close();
      }
    }
  } finally {
    await server.close();
  }
});

test('a benchmark whose page crashes keeps what it has measured', async () => {
  const asked = { sections: ['operations'], only: ['conv'], contenders: ['engine'], repeats: 1 };
  const told: string[] = [];
  const { result, cut } = await measureOn('swiftshader', await benchmarkFiles(), asked, 10, {
    onStatus() {},
    onLimits() {},
    async onCase(_, { name }) {
      told.push(name);
      if (told.length === 1) await killPages();
    },
  });
  assert.is(cut, 'crash');
  const [{ id, cases }] = result.sections;
  assert.is(id, 'operations');
  assert.ok(cases.length > 0 && told.length < 5, `${told}`);
  // A case is in the result before it is told of, for which it may be too late.
  assert.equal(cases.map(({ name }) => name).slice(0, told.length), told);
  assert.match(result.renderer, /SwiftShader/);
  assert.ok(cases[0].entries[0].timing);
});

/** Of the browser that this process has started, its own invisible ones too. */
async function killPages(): Promise<void> {
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (command.includes('--type=renderer') && (await isOurs(Number(pid)))) process.kill(Number(pid), 'SIGKILL');
  }
}

async function isOurs(pid: number): Promise<boolean> {
  if (pid === process.pid) return true;
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const parent = Number(/PPid:\s*(\d+)/.exec(status)?.[1] ?? 0);
  return parent > 1 && isOurs(parent);
}

async function graphicsProcess(browser: Browser): Promise<number> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  return processInfo.find(({ type }) => type === 'GPU')!.id;
}

test.run();
