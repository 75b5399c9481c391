/** One browser with one page for all cases on a driver. */
import { type Driver, launch } from '../tools/browser.ts';
import { bundle } from '../tools/bundle.ts';
import { serve } from '../tools/serve.ts';
import type { PageOptions } from './page.ts';
import type { CaseResult, DriverResult } from './results.ts';

const PAGE = `<!doctype html>
<meta charset="utf-8">
<title>Benchmark</title>
<link rel="icon" href="data:,">
`;
const SCRIPT = '/bench.js';

/** Hands each case over as soon as it is measured. @throws NoDeviceError where there is no such driver. */
export async function measureOn(
  driver: Driver,
  options: PageOptions,
  report: (result: CaseResult) => void,
): Promise<DriverResult> {
  const server = await serve({
    files: new Map([
      ['/', PAGE],
      [SCRIPT, await bundle("export { run } from './bench/page.ts';")],
    ]),
  });
  try {
    const { browser, page, renderer } = await launch({ driver, url: server.url });
    try {
      const cases: CaseResult[] = [];
      await page.exposeFunction('reportCase', (result: CaseResult) => {
        cases.push(result);
        report(result);
      });
      const contenders = await page.evaluate(runInPage, { script: SCRIPT, options });
      return { driver, renderer, browser: browser.version(), contenders, cases };
    } finally {
      await browser.close();
    }
  } finally {
    await server.close();
  }
}

/** Runs in the page. */
async function runInPage({ script, options }: { script: string; options: PageOptions }) {
  const module: typeof import('./page.ts') = await import(script);
  const { reportCase } = globalThis as unknown as { reportCase(result: CaseResult): Promise<void> };
  return await module.run(options, reportCase);
}
