/** The page stays alive whatever it does. Timed, so nothing else runs meanwhile. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  captioned,
  crop,
  givePicture,
  type LongTask,
  OPENING,
  openPage,
  openSite,
  pngFile,
  readSample,
  restore,
  type Site,
  saved,
} from '../support/page.ts';

const test = suite('page, timed');

let site: Site;
let browser: Browser;
let address: string;

test.before(async () => {
  site = await openSite();
  ({ browser, address } = site);
});

test.after(() => site?.close());

// On a busy machine any thread is kept waiting by other processes at times, most of all while the browser starts its own for a page. What
// the page does itself is there again, in the same step.
test('to open it holds up the main thread for less than 50 ms', () =>
  assertShort(10, async () => {
    const page = await openPage(browser, address);
    await page.waitForTimeout(500); // until the browser tells of long tasks
    return closed(page);
  }));

test('nor does anything that a visitor does', () =>
  assertShort(3, async () => (await visit()).filter(({ step }) => step !== OPENING)));

/** Fails for steps that hold up the page however often one tries. */
async function assertShort(tries: number, watched: () => Promise<LongTask[]>): Promise<void> {
  const found: LongTask[][] = [];
  for (let i = 0; i < tries; i++) {
    found.push((await watched()).filter(({ milliseconds }) => milliseconds >= 50));
    const again = found.at(-1)!.filter(({ step }) => found.every((tasks) => tasks.some((task) => task.step === step)));
    if (again.length === 0) return;
  }
  assert.unreachable(inspect(found, { depth: 3 }));
}

test('what does hold it up is seen', async () => {
  const page = await openPage(browser, address);
  await page.waitForTimeout(500); // until opening is told of
  await page.evaluate(() => {
    globalThis.step = 'be busy';
    setTimeout(() => {
      for (const begin = performance.now(); performance.now() - begin < 60; );
    });
  });
  await page.waitForFunction(() =>
    longTasks.some(({ step, milliseconds }) => step === 'be busy' && milliseconds >= 60),
  );
  await page.context().close();
});

/** All that a visitor does, in a page of its own. Gives what held it up. */
async function visit(): Promise<LongTask[]> {
  const visitor = await openPage(browser, address, { viewport: { width: 1280, height: 800 } });
  const step = async (name: string, work: () => Promise<unknown>) => {
    await visitor.evaluate((name) => {
      globalThis.step = name;
    }, name);
    await work();
    // What follows, such as a new layout, is part of the step; and the browser tells of long tasks some time later.
    await visitor.waitForTimeout(200);
  };
  const choose = async (name: string) => {
    await visitor.click(`[data-picture="samples/${name}"]`);
    await captioned(visitor, name);
  };
  const rain = crop(await readSample('cat.rain.png'), 120, 90, 48);
  // A file on disk: the bytes of one that Playwright makes would go through the page.
  const large = join(site.folder, 'large.png');
  await writeFile(large, pngFile({ width: 4000, height: 3000, data: new Uint8Array(48e6).fill(200) }, '').buffer);

  await step('choose a sample', () => choose('cup.small.png'));
  await step('enlarge', () => restore(visitor));
  await step('save', () => saved(visitor));
  await step('choose another sample', () => choose('cup.rain.png'));
  await givePicture(visitor, rain, 'part.png');
  await step('remove rain', () => restore(visitor));
  await step('save again', () => saved(visitor));
  await step('open 4000 x 3000', async () => {
    await visitor.setInputFiles('#picture-file', large);
    await captioned(visitor, 'large.png');
  });
  await step('zoom in', () => visitor.click('#zoom-pixels'));
  return closed(visitor);
}

/** Closes a page; gives what held it up. */
async function closed(page: Page): Promise<LongTask[]> {
  const tasks = await page.evaluate(() => longTasks);
  await page.context().close();
  return tasks;
}

test.run();
