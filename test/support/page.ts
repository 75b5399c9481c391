/** The page in a browser, as a visitor sees it. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type DecodedPng, decode, encode } from 'fast-png';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { root } from '../../tools/bundle.ts';

export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** RGBA */
  readonly data: Uint8Array;
}

/** A file as Playwright hands it to an input. */
export interface GivenFile {
  readonly name: string;
  readonly mimeType: string;
  readonly buffer: Buffer;
}

/** Opens the page in a fresh context, with its first sample shown. */
export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
  scripts: readonly (() => void)[] = [],
): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 900, height: 600 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  await page.addInitScript(takePulse);
  for (const script of scripts) await page.addInitScript(script);
  await page.goto(url);
  await page.waitForFunction(() => /png|no WebGL2/.test(document.body.innerText));
  return page;
}

declare global {
  /** Longest time, in milliseconds, in which the main thread did not come to this; set to 0 to measure anew. */
  var longestPause: number;
}

/** Runs in the page: a heartbeat. Not without a pause, since it must not take a core from the software driver. */
function takePulse(): void {
  globalThis.longestPause = 0;
  const { port1, port2 } = new MessageChannel();
  let last = performance.now();
  port1.onmessage = () => {
    const now = performance.now();
    globalThis.longestPause = Math.max(globalThis.longestPause, now - last);
    last = now;
    setTimeout(() => port2.postMessage(null), 1);
  };
  port2.postMessage(null);
}

/** Gives the page a picture and waits until it is shown. */
export async function givePicture(page: Page, picture: Pixels, name: string): Promise<void> {
  await page.setInputFiles('#picture-file', pngFile(picture, name));
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
  const pixels = rgba(decode(await page.locator('#canvas').screenshot()));
  await style.evaluate((element) => (element as Element).remove());
  return pixels;
}

function rgba({ width, height, channels, data }: DecodedPng): Pixels {
  const pixels = new Uint8Array(width * height * 4).fill(255);
  for (let i = 0; i < width * height; i++)
    for (let c = 0; c < channels; c++) pixels[4 * i + c] = data[channels * i + c];
  return { width, height, data: pixels };
}
