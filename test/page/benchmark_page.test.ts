/** The benchmark's page, built as it is published, and the report that is drawn there and in a file of its own. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ratioOf } from '../../bench/report/compare.ts';
import { percent, quantity, times } from '../../bench/report/numbers.ts';
import { reportPage } from '../../bench/report/page.ts';
import { readReport } from '../../bench/report/read.ts';
import { engineShare } from '../../bench/report/share.ts';
import { markdownOf } from '../../bench/report/table.ts';
import type { DeviceResult, Report } from '../../bench/results.ts';
import { launch } from '../../tools/browser.ts';
import { buildPage } from '../../tools/build.ts';
import { type Served, serve } from '../../tools/serve.ts';
import { QUICK_BROWSER } from '../../tools/testing/quick.ts';
import { madeUpReport } from '../support/made_up_report.ts';
import { assertReadable } from '../support/readable.ts';

const test = suite('benchmark page');

let server: Served;
let browser: Browser;
/** The page that most tests go on with. */
let page: Page;
const faults: string[] = [];

test.before(async () => {
  const files = await buildPage();
  server = await serve({ files: (path) => files.get(path.slice('/some/where/'.length)) });
  ({ browser } = await launch(QUICK_BROWSER));
  page = await open();
});

test.after(async () => {
  await browser?.close();
  await server?.close();
});

test('a case is measured, drawn, copied and saved', async () => {
  await choose('sections', ['scan']);
  await choose('contenders', ['tfjs webgl', 'tfjs wasm']);
  await page.selectOption('#largest', '32');
  await page.selectOption('#repeats', '3');
  await page.click('#run');
  await page.waitForFunction(() => /^1 of 1: scan 48 channels/.test(document.querySelector('#current')!.textContent!));
  assert.is(await page.textContent('#run'), 'Stop');
  assert.ok(await page.isDisabled('#open'));
  await ended();
  assert.is(await page.textContent('#status'), 'Done: 1 of 1 measured.');

  const report = await saved();
  const [{ name, sections }] = report.devices.map(({ sections, renderer }) => ({ name: renderer, sections }));
  assert.match(name, /SwiftShader/);
  assert.is(report.devices[0].limits, undefined, 'limits were not asked for');
  const [result] = sections[0].cases;
  const [own, ...others] = result.entries;
  assert.is(own.contender, 'engine');
  assert.is(own.timing!.runs.length, 3);
  assert.ok(others.length >= 2);
  for (const entry of others) {
    assert.ok(entry.timing, entry.failure);
    assert.ok(entry.error! < 1e-4);
  }
  // Each bar is as long as its number says.
  const bars = await page.locator('.chart [aria-label=rect] > *').evaluateAll((rects) =>
    rects.map((rect) => ({
      width: (rect as SVGGraphicsElement).getBBox().width,
      about: rect.querySelector('title')!.textContent!,
    })),
  );
  assert.is(bars.length, others.length);
  const logs = others.map((entry) => Math.log(ratioOf(entry, result)!));
  for (const [i, entry] of others.entries()) {
    assert.match(
      bars[i].about,
      `${entry.contender} ${entry.way}: ${times(ratioOf(entry, result)!)} times the engine’s`,
    );
    const expected = (Math.abs(logs[i]) / Math.abs(logs[0])) * bars[0].width;
    assert.ok(Math.abs(bars[i].width - expected) < 1, `${bars[i].width} pixels wide instead of ${expected}`);
  }
  assert.is(await copied(), markdownOf(report));
});

test('the device’s limits are measured, and what share of them a case reaches', async () => {
  await choose('sections', ['limits', 'scan']);
  await choose('contenders', []);
  await page.selectOption('#largest', '32');
  await page.selectOption('#repeats', '3');
  await page.click('#run');
  await page.waitForFunction(() =>
    /^1 of 2: The device’s own limits/.test(document.querySelector('#current')!.textContent!),
  );
  await ended();
  assert.is(await page.textContent('#status'), 'Done: 2 of 2 measured.');

  const report = await saved();
  const [{ limits, limitsFailure, sections }] = report.devices;
  assert.is(limitsFailure, undefined);
  assert.type(limits!.overlap, 'boolean');
  for (const rate of ['multiplyAdds', 'exponentials', 'fetches', 'writes', 'draw'] as const)
    assert.ok(limits![rate] > 0, rate);
  assert.equal(
    sections.map(({ id }) => id),
    ['scan'],
  );
  const [result] = sections[0].cases;
  // 16 states of 48 channels are multiplied with at least three numbers each step, in reduce and in apply.
  assert.ok(result.work!.multiplyAdds > 2 * 3 * 16 * 48 * 32 * 32, `${result.work!.multiplyAdds} multiply-adds`);
  const share = engineShare(result, limits)!;
  assert.ok(share > 0.05 && share < 2, `a share of ${share}`);
  assert.match((await page.textContent('.roofline .shares tbody'))!, percent(share));
  assert.match((await page.textContent('.everything tbody:not(.section)'))!, percent(share));
  const list = (await page.locator('.limits').textContent())!;
  assert.match(list, `texel fetches${quantity(limits!.fetches)}/s`);
  assert.match(await copied(), `texel fetches ${quantity(limits!.fetches)}/s`);
});

test('limits alone are a report too, and limits that could not be measured are told', async () => {
  const { contenders, limits, renderer, browser } = madeUpReport.devices[0];
  const bare: DeviceResult = { contenders, renderer, browser, attachments: 8, sections: [] };
  const visitor = await open();
  const shown = async (device: DeviceResult): Promise<string | null> => {
    await visitor.setInputFiles('#file', given('saved.json', JSON.stringify({ ...madeUpReport, devices: [device] })));
    return visitor.locator('.limits').textContent();
  };
  assert.match((await shown({ ...bare, limits }))!, 'multiply-adds8.00 G/s');
  assert.is(await visitor.locator('.everything').count(), 0);
  await visitor.evaluate(() => document.querySelector('#report')!.replaceChildren());
  assert.match(
    (await shown({ ...bare, limitsFailure: 'the context was lost' }))!,
    /not measured: the context was lost$/,
  );
  await visitor.context().close();
});

test('a run is stopped: what was measured until then is drawn', async () => {
  await choose('sections', ['operations']);
  await choose('contenders', ['tfjs webgl', 'tfjs wasm']);
  await page.click('#run');
  await page.waitForFunction(() => /^2 of /.test(document.querySelector('#current')!.textContent!));
  assert.is(
    await page.locator('#report tbody.section').count(),
    1,
    'the first case is shown while the second is measured',
  );
  await page.click('#run');
  await ended();
  assert.match((await page.textContent('#status'))!, /^Stopped: 1 of \d measured\.$/);
  assert.ok(await page.isHidden('#error'), 'to stop is no error');
  const { devices } = await saved();
  assert.equal(
    devices[0].sections.map(({ id, cases }) => [id, cases.length]),
    [['operations', 1]],
  );
});

test('a run that fails says so, and how far it came', async () => {
  const visitor = await open();
  await visitor.evaluate(() => {
    HTMLCanvasElement.prototype.getContext = () => {
      throw new Error('out of luck');
    };
  });
  await visitor.click('#run');
  await visitor.waitForSelector('#error:not([hidden])');
  assert.is(await visitor.textContent('#error'), 'out of luck');
  assert.match((await visitor.textContent('#status'))!, /^Failed: 0 of \d+ measured\.$/);
  await visitor.context().close();
});

test('with nothing to measure the page says so', async () => {
  await choose('sections', []);
  await page.click('#run');
  assert.match((await page.textContent('#error'))!, /^Nothing is chosen/);
});

test('a saved report is opened, one tab a device, and goes on by keys', async () => {
  await page.setInputFiles('#file', given('saved.json', JSON.stringify(madeUpReport)));
  await page.waitForSelector('[role=tab]');
  assert.ok(await page.isHidden('#error'), 'what works takes the error away');
  assert.equal(await page.locator('[role=tab]').allTextContents(), ['SwiftShader', 'llvmpipe']);
  assert.equal(await saved(), madeUpReport);
  assert.is(await copied(), markdownOf(madeUpReport));

  const shown = () => page.locator('[role=tabpanel]:not([hidden]) dd').first().textContent();
  assert.match((await shown())!, /^A renderer/);
  await page.focus('[role=tab][aria-selected=true]');
  await page.keyboard.press('ArrowRight');
  assert.match((await shown())!, /^Another renderer/);
  assert.is(await page.evaluate(() => document.activeElement!.textContent), 'llvmpipe');
  await page.keyboard.press('Home');
  assert.match((await shown())!, /^A renderer/);
});

test('every plot has a title and says what is in it', async () => {
  const plots = await page.locator('[role=tabpanel]:not([hidden]) .chart[role=img]').evaluateAll((charts) =>
    charts.map((chart) => ({
      title: document.getElementById(chart.getAttribute('aria-labelledby')!)!.textContent!,
      about: document.getElementById(chart.getAttribute('aria-describedby')!)!.textContent!,
    })),
  );
  assert.equal(
    plots.map(({ title }) => title),
    [
      'First result, from nothing',
      'Operations, 128 x 128',
      'Selective scan',
      'scan 48 channels, one way: time over the length',
      'scan, 64 x 64, one way: time over channels',
      'Whole networks',
      'Most bytes of GPU memory at once',
      'small: time per pixel',
      'small: memory per pixel',
      'large: time per pixel',
      'large: memory per pixel',
      'Roofline',
    ],
  );
  for (const { title, about } of plots) assert.ok(about.length > 40, `${title}: ${about}`);
  assert.match(
    plots[1].about,
    'conv 3x3 48->24, tfjs webgl packed: 5.90 times the engine’s, 159 ms, at least 5.5 times needed.',
  );
  assert.match(plots[1].about, 'onnx webgpu: no adapter for WebGPU was found in this browser.');
  assert.match(plots[2].about, /, predicted and not run\./);
  assert.match(plots[11].about, /conv 1x1 96->96: \S+ G a second at 11.0 a fetch, \d+ % of its limit\./);
});

test('what is predicted is hatched, and a missed floor is told in words', async () => {
  const panel = page.locator('[role=tabpanel]:not([hidden])');
  const fills = await panel
    .locator('.chart [aria-label=rect] > *')
    .evaluateAll((rects) => rects.map((rect) => ({ fill: getComputedStyle(rect).fill, about: rect.textContent! })));
  const hatched = fills.filter(({ fill }) => fill.startsWith('url('));
  assert.is(hatched.length, 1);
  assert.match(hatched[0].about, /scan 48 channels, 128 x 128.*tfjs wasm.*predicted/);
  assert.match(await panel.locator('.figures').innerText(), /1\.50 of 1\.8×/);
  assert.match(
    (await panel.locator('details').textContent())!,
    /✗missed82 %84 %conv 1x1 48->254the device’s limits/,
    'a share that is too small',
  );
  assert.match(await panel.locator('summary').innerText(), /^6 of 9 requirements are met$/);
});

test('a dropped file that is no report gets its sentence, and what was drawn stays', async () => {
  await drop([given('notes.txt', 'milk, bread')]);
  await page.waitForSelector('#error:not([hidden])');
  assert.match((await page.textContent('#error'))!, /^notes\.txt is not JSON: /);
  await drop([given('other.json', '{"version": 3}')]);
  await page.waitForFunction(() => /other\.json/.test(document.querySelector('#error')!.textContent!));
  assert.is(await page.textContent('#error'), 'other.json is no report of this benchmark: it has no devices.');
  assert.is(await page.locator('[role=tab]').count(), 2);
});

test('a narrow page needs no scrolling sideways, nor does one with a report', async () => {
  const narrow = await open({ viewport: { width: 360, height: 740 } });
  const widths = () => narrow.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.equal(await widths(), [360, 360]);
  await narrow.setInputFiles('#file', given('saved.json', JSON.stringify(madeUpReport)));
  await narrow.waitForSelector('.roofline .chart');
  assert.equal(await widths(), [360, 360]);
  const outside = await narrow.locator('.chart text, .chart rect').evaluateAll((marks) =>
    marks
      .map((mark) => ({ text: mark.textContent, ...mark.getBoundingClientRect().toJSON() }))
      .filter(({ left, right, width }) => width > 0 && (left < 8 || right > 352))
      .map(({ text, left, right }) => `${text}: ${left} to ${right}`),
  );
  assert.equal(outside, []);
  // Plots follow the width of the page.
  await narrow.setViewportSize({ width: 1100, height: 740 });
  await narrow.waitForFunction(() => document.querySelector('.roofline .chart')!.clientWidth > 900);
  await narrow.context().close();
});

test('text is readable in a light and in a dark scheme, that of a report too', async () => {
  for (const colorScheme of ['light', 'dark'] as const) {
    const visitor = await open({ colorScheme });
    await visitor.setInputFiles('#file', given('saved.json', JSON.stringify(madeUpReport)));
    await visitor.waitForSelector('.roofline .chart');
    await visitor.setInputFiles('#file', given('notes.txt', 'milk, bread'));
    await visitor.waitForSelector('#error:not([hidden])');
    await assertReadable(visitor, colorScheme);
    await visitor.context().close();
  }
});

test('the keyboard alone chooses and runs, and one sees where it is', async () => {
  const visitor = await open();
  const visited: string[] = [];
  for (let presses = 0; presses < 40 && visited.at(-1) !== 'run'; presses++) {
    await visitor.keyboard.press('Tab');
    const { name, outline } = await visitor.evaluate(() => {
      const element = document.activeElement as HTMLInputElement;
      return { name: element.id || element.value, outline: getComputedStyle(element).outlineStyle };
    });
    assert.is(outline, 'solid', `${name} does not show that it is in focus`);
    visited.push(name);
  }
  assert.ok(visited.includes('operations') && visited.includes('tfjs webgl'), visited.join(', '));
  assert.is(visited.at(-1), 'run');
  await visitor.keyboard.press('Enter');
  await visitor.waitForFunction(() => document.querySelector('#run')!.textContent === 'Stop');
  await visitor.keyboard.press('Enter');
  await visitor.waitForFunction(() => document.querySelector('#run')!.textContent === 'Run');
  assert.is(await visitor.evaluate(() => document.activeElement!.id), 'run', 'the button keeps the focus');
  await visitor.context().close();
});

test('the page tells when WebAssembly has one thread only', async () => {
  assert.ok(await page.isHidden('#threads'));
  const context = await browser.newContext();
  await context.route('**/benchmark.html', async (route) => {
    const response = await route.fetch();
    const { 'cross-origin-embedder-policy': _, ...headers } = response.headers();
    await route.fulfill({ response, headers });
  });
  const alone = await context.newPage();
  await alone.goto(address());
  await alone.waitForSelector('#threads:not([hidden])');
  await context.close();
});

test('the page that restores and this one lead to each other', async () => {
  await page.click('nav a');
  await page.waitForURL('**/index.html');
  await page.click('nav a');
  await page.waitForURL('**/benchmark.html');
});

test('the file of a report draws it without anything else', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'report-'));
  const [device] = madeUpReport.devices;
  const report: Report = { ...madeUpReport, devices: [{ ...device, renderer: 'Named </script><b>oddly</b>' }] };
  await writeFile(join(folder, 'report.html'), await reportPage(report));
  const context = await browser.newContext();
  const alone = watched(await context.newPage());
  const asked: string[] = [];
  alone.on('request', (request) => asked.push(request.url()));
  await alone.goto(`file://${join(folder, 'report.html')}`);
  await alone.waitForSelector('.roofline .chart');
  assert.is(await alone.locator('.chart[role=img]').count(), 12);
  assert.match((await alone.locator('dd').first().textContent())!, 'Named </script><b>oddly</b>');
  assert.equal(
    asked.filter((url) => !url.startsWith('data:')).map((url) => url.split('/').at(-1)),
    ['report.html'],
  );
  await context.close();
  await rm(folder, { recursive: true });
});

test('nothing went wrong unseen', () => {
  assert.equal(faults, []);
});

test.run();

function address(): string {
  return `${server.url}/some/where/benchmark.html`;
}

/** Opens the page in a fresh context. */
async function open(options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext(options);
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: server.url });
  const opened = watched(await context.newPage());
  await opened.goto(address());
  await opened.waitForSelector('#contenders input');
  return opened;
}

function watched(opened: Page): Page {
  opened.setDefaultTimeout(90_000);
  opened.on('pageerror', (error) => faults.push(error.message));
  return opened;
}

/** Ticks these boxes and no others; one that cannot be changed stays. */
async function choose(fieldset: string, values: readonly string[]): Promise<void> {
  for (const box of await page.locator(`#${fieldset} input:enabled`).all()) {
    await box.setChecked(values.includes(await box.inputValue()));
  }
}

async function ended(): Promise<void> {
  await page.waitForFunction(() => document.querySelector('#run')!.textContent === 'Run');
}

async function saved(): Promise<Report> {
  const [download] = await Promise.all([page.waitForEvent('download'), page.click('text=Save JSON')]);
  assert.match(download.suggestedFilename(), /^benchmark-\d{4}-\d\d-\d\d\.json$/);
  return readReport(await readFile(await download.path(), 'utf8'), 'saved');
}

async function copied(): Promise<string> {
  await page.click('text=Copy as Markdown');
  await page.waitForFunction(() => document.querySelector('.report-actions [role=status]')!.textContent === 'Copied.');
  return page.evaluate(() => navigator.clipboard.readText());
}

function given(name: string, text: string) {
  return { name, mimeType: 'application/json', buffer: Buffer.from(text) };
}

/** Lets the page believe that files were dropped on it. */
async function drop(files: readonly ReturnType<typeof given>[]): Promise<void> {
  const texts = files.map(({ name, buffer }) => ({ name, text: buffer.toString() }));
  await page.evaluate((texts) => {
    const data = new DataTransfer();
    for (const { name, text } of texts) data.items.add(new File([text], name));
    document.dispatchEvent(new DragEvent('drop', { dataTransfer: data }));
  }, texts);
}
