/** The page in a browser, as a visitor sees it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DecodedPng, decode, encode } from 'fast-png';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import * as assert from 'uvu/assert';
import { launch } from '../../tools/browser.ts';
import { root } from '../../tools/root.ts';
import { serve } from '../../tools/serve.ts';
import { QUICK_BROWSER } from '../../tools/testing/quick.ts';

export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** RGBA */
  readonly data: Uint8Array;
}

/** The site as it is built and published, and a browser to visit it. */
export interface Site {
  readonly browser: Browser;
  /** Of the page that restores. */
  readonly address: string;
  /** Where it was built, for files of a test too. */
  readonly folder: string;
  close(): Promise<void>;
}

export async function openSite(): Promise<Site> {
  const folder = await mkdtemp(join(tmpdir(), 'page-'));
  const build = spawn(process.execPath, ['--import', 'tsx', 'tools/build.ts', '--out', folder], {
    cwd: root,
    stdio: 'ignore',
  });
  const [code] = await once(build, 'exit');
  assert.is(code, 0, 'tools/build.ts');
  const server = await serve({ folders: { '/some/where/': folder } });
  const { browser } = await launch(QUICK_BROWSER);
  return {
    browser,
    address: `${server.url}/some/where/index.html`,
    folder,
    async close() {
      await browser.close();
      await server.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** A file as Playwright hands it to an input. */
export interface GivenFile {
  readonly name: string;
  readonly mimeType: string;
  readonly buffer: Buffer;
}

/**
 * Opens the page in a fresh context, with its first sample shown.
 * @param scripts run in the page before its own
 * @param viewerPrefix text ahead of the script of the viewer's worker
 */
export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
  scripts: readonly (() => void)[] = [],
  viewerPrefix = '',
): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 900, height: 600 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(120_000);
  await page.addInitScript(watchLongTasks, OPENING);
  for (const script of scripts) await page.addInitScript(script);
  if (viewerPrefix !== '')
    await page.route('**/viewer_worker.js', async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, body: viewerPrefix + (await response.text()) });
    });
  await page.goto(url);
  await page.waitForFunction(() => /png|no WebGL2/.test(document.body.innerText));
  return page;
}

/** Something that held up the main thread for 50 ms or longer. */
export interface LongTask {
  /** What was being done. */
  readonly step: string;
  readonly milliseconds: number;
}

declare global {
  /** Set by a test before it goes on. */
  var step: string;
  var longTasks: LongTask[];
}

/** The step in which a page is until a test names another. */
export const OPENING = 'open the page';

/** Runs in the page, before anything else does. */
function watchLongTasks(opening: string): void {
  globalThis.step = opening;
  globalThis.longTasks = [];
  const note = (entries: PerformanceObserverEntryList) => {
    for (const { duration } of entries.getEntries()) longTasks.push({ step, milliseconds: Math.round(duration) });
  };
  new PerformanceObserver(note).observe({ type: 'longtask', buffered: true });
}

/** Gives the page a picture and waits until it is shown. */
export async function givePicture(page: Page, picture: Pixels, name: string): Promise<void> {
  await page.setInputFiles('#picture-file', pngFile(picture, name));
  await captioned(page, name);
}

/** Lets the page believe that files were dropped on it or pasted. */
export async function transfer(page: Page, type: 'drop' | 'paste', files: readonly GivenFile[]): Promise<void> {
  const given = files.map(({ name, mimeType, buffer }) => ({ name, mimeType, base64: buffer.toString('base64') }));
  await page.evaluate(
    ({ type, given }) => {
      const data = new DataTransfer();
      for (const { name, mimeType, base64 } of given) {
        const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
        data.items.add(new File([bytes], name, { type: mimeType }));
      }
      const event =
        type === 'drop'
          ? new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true })
          : new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true });
      document.body.dispatchEvent(event);
    },
    { type, given },
  );
}

/** Waits until a picture is shown. */
export async function captioned(page: Page, name: string): Promise<void> {
  await page.waitForFunction((text) => document.querySelector('#caption')!.textContent === text, name);
}

export function pngFile(picture: Pixels, name: string): GivenFile {
  return { name, mimeType: 'image/png', buffer: Buffer.from(encode({ ...picture, depth: 8, channels: 4 })) };
}

/** Presses Restore and waits for the end. */
export async function restore(page: Page): Promise<void> {
  await page.click('#run');
  await idle(page);
}

/** Waits until a run is in its middle. */
export async function underWay(page: Page): Promise<void> {
  await page.waitForFunction(
    () => Number(document.querySelector<HTMLElement>('[data-stage=run]')!.style.getPropertyValue('--done')) > 0.05,
  );
}

/** Waits until nothing runs. */
export async function idle(page: Page): Promise<void> {
  await page.waitForFunction(() => document.querySelector('#run')!.textContent === 'Restore');
}

/** What a download of the result holds. */
export async function saved(page: Page): Promise<{ name: string; picture: Pixels }> {
  const [download] = await Promise.all([page.waitForEvent('download'), page.click('#save')]);
  return { name: download.suggestedFilename(), picture: rgba(decode(await readFile(await download.path()))) };
}

export async function readSample(name: string): Promise<Pixels> {
  return rgba(decode(await readFile(join(root, 'samples', name))));
}

/** A rectangle of a picture. */
export function crop({ width, data }: Pixels, left: number, top: number, side: number, rows = side): Pixels {
  const cropped = new Uint8Array(side * rows * 4);
  for (let y = 0; y < rows; y++) {
    const from = ((top + y) * width + left) * 4;
    cropped.set(data.subarray(from, from + side * 4), y * side * 4);
  }
  return { width: side, height: rows, data: cropped };
}

/** The canvas as it is on the screen, without what lies over it. */
export async function canvasPixels(page: Page): Promise<Pixels> {
  const style = await page.addStyleTag({ content: '.tag, #divider, #notice { opacity: 0; }' });
  await drawn(page);
  const pixels = rgba(decode(await page.locator('#canvas').screenshot()));
  await style.evaluate((element) => (element as Element).remove());
  return pixels;
}

/** Waits until the viewer's worker has drawn what the page told it before, and the page shows it. */
async function drawn(page: Page): Promise<void> {
  const viewer = page.workers().find((worker) => worker.url().endsWith('/viewer_worker.js'))!;
  const shot = () => page.locator('#canvas').screenshot();
  let before = await shot();
  // A frame of the worker comes to the screen at a time of its own, so this asks until two in a row are the same.
  for (;;) {
    await viewer.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
    const now = await shot();
    if (now.equals(before)) return;
    before = now;
  }
}

function rgba({ width, height, channels, data }: DecodedPng): Pixels {
  const pixels = new Uint8Array(width * height * 4).fill(255);
  for (let i = 0; i < width * height; i++)
    for (let c = 0; c < channels; c++) pixels[4 * i + c] = data[channels * i + c];
  return { width, height, data: pixels };
}
