import type { Page } from 'playwright-core';
import { type LaunchOptions, launch } from '../browser.ts';
import type { TestEvent } from './events.ts';
import { SHARED_PROGRAMS } from './quick.ts';
import { serveTests } from './served.ts';
import { stackMapper } from './stack.ts';
import { Tally } from './tally.ts';

/** Runs bundled tests in one page of a browser. Throws NoDeviceError where there is no such browser. */
export async function runInPage(
  label: string,
  options: LaunchOptions,
  bundle: string,
  limitSeconds: number,
): Promise<Tally> {
  const { browser, page, renderer } = await launch({ ...options, switches: SHARED_PROGRAMS });
  const server = await serveTests(bundle);
  try {
    const tally = new Tally(label, limitSeconds, stackMapper(bundle, `${server.url}/tests.js`));
    tally.print(`runs in ${renderer}`);
    await page.exposeFunction('reportTest', (event: TestEvent) => tally.handle(event));
    watch(page, tally);
    // Not until the page is loaded: that is only when all tests are over.
    await page.goto(server.url, { waitUntil: 'commit' });
    await tally.ended;
    return tally;
  } finally {
    await browser.close();
    await server.close();
  }
}

/** Errors outside of tests fail the run as well. */
function watch(page: Page, tally: Tally): void {
  page.on('crash', () => tally.abort('the page crashed'));
  page
    .context()
    .browser()
    ?.on('disconnected', () => tally.abort('the browser ended'));
  page.on('pageerror', ({ name, message, stack }) => {
    tally.fail('error outside of the tests', { message: `${name}: ${message}`, details: '', stack: stack ?? '' });
  });
  page.on('console', (message) => {
    const text = message.text();
    // The browser's own word on a request that failed is no fault: the test that made the request judges it.
    if (message.type() === 'error' && !text.startsWith('Failed to load resource')) {
      tally.fail('console.error', { message: text, details: '', stack: '' });
    } else if (!/GL Driver Message|Failed to load resource/.test(text)) {
      tally.print(text);
    }
  });
}
