/**
 * Runs the tests: those of test/alone first, in Node, since they judge how long something takes; then side by side those of test/page and
 * test/node in two processes of Node, those of test/once, for which it makes no difference what draws, in one page of the fastest driver, and
 * all others in a page of each driver. There test/whole comes last: it keeps all cores busy when other pages and Node are done. With --visit
 * all that run in a page do so in a browser that somebody opens.
 */
import { readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { inspect } from 'node:util';
import { Command, InvalidArgumentError, Option } from 'commander';
import { type Driver, NoDeviceError, possibleDrivers } from './browser.ts';
import { root } from './root.ts';
import { bundleTests } from './testing/bundle.ts';
import { runInNode } from './testing/node.ts';
import { runInPage } from './testing/page.ts';
import type { Tally } from './testing/tally.ts';
import { runInVisitor } from './testing/visitor.ts';

interface Options {
  readonly driver?: Driver;
  readonly only: readonly string[];
  readonly grep: string;
  readonly timeout: number;
  readonly slowest: number;
  readonly visit?: number;
}

const options = new Command('npm test --')
  .addOption(new Option('--driver <driver>', 'one driver only').choices(['swiftshader', 'llvmpipe', 'gpu']))
  .option(
    '--only <text>',
    'only files with this in their path; may be repeated',
    (text, all: string[]) => [...all, text],
    [],
  )
  .option('--grep <text>', "only tests with this in '<suite> <test>'", '')
  .option('--timeout <seconds>', 'the longest that one test may take', seconds, 240)
  .option('--slowest <count>', 'also lists the tests that took longest', Number, 0)
  .option('--visit <port>', 'serves what runs in a page for any browser to open, and starts none', port)
  .parse()
  .opts<Options>();

let passed = 0;
const failures: string[] = [];

const files = await findTests();
const inFolder = (folder: string): string[] => files.filter((file) => file.startsWith(`test/${folder}/`));
const alone = inFolder('alone');
const page = inFolder('page');
const node = inFolder('node');
const once = inFolder('once');
const onDrivers = files.filter((file) => ![...alone, ...page, ...node, ...once].includes(file));

if (options.visit !== undefined) {
  await testByVisit([...once, ...onDrivers], options.visit);
} else {
  await testInNode('alone', alone);
  // Side by side: what one of them leaves of the processor, another one takes.
  await Promise.all([testInNode('page', page), testInNode('node', node), testOnce(once), testOnDrivers(onDrivers)]);
}

if (failures.length > 0) console.log(`Failures:\n  ${failures.join('\n  ')}\n`);
if (passed === 0) console.log('No test passed.\n');
console.log(`${passed} passed, ${failures.length} failed`);
process.exitCode = failures.length > 0 || passed === 0 ? 1 : 0;

async function testInNode(label: string, files: readonly string[]): Promise<void> {
  if (files.length > 0) await timed(label, () => runInNode(label, files, options.grep, options.timeout));
}

async function testByVisit(files: readonly string[], port: number): Promise<void> {
  const bundle = await bundleTests(files, options.grep);
  await timed('visitor', () => runInVisitor(bundle, options.timeout, port));
}

async function testOnce(files: readonly string[]): Promise<void> {
  if (files.length === 0) return;
  const run = async (): Promise<Tally> =>
    runInPage('once', { driver: options.driver ?? 'auto' }, await bundleTests(files, options.grep), options.timeout);
  await timed('once', run);
}

async function testOnDrivers(files: readonly string[]): Promise<void> {
  if (files.length === 0) return;
  const bundle = bundleTests(files, options.grep);
  const drivers = options.driver ? [options.driver] : possibleDrivers();
  const run = async (driver: Driver): Promise<Tally> => runInPage(driver, { driver }, await bundle, options.timeout);
  await Promise.all(
    drivers.map((driver) => timed(driver, () => run(driver), driver !== 'swiftshader' && !options.driver)),
  );
}

/** Runs the tests in one place and counts them. Only an optional place may be missing on this machine. */
async function timed(label: string, run: () => Promise<Tally>, optional = false): Promise<void> {
  const begin = performance.now();
  try {
    const tally = await run();
    passed += tally.passed;
    failures.push(...tally.failures);
    for (const line of tally.slowest(options.slowest)) tally.print(line);
    const seconds = ((performance.now() - begin) / 1000).toFixed(1);
    tally.print(`${tally.passed} passed, ${tally.failures.length} failed in ${seconds} s\n`);
  } catch (error) {
    const missing = error instanceof NoDeviceError;
    // The stack of a bundle that fails leads into esbuild only; its message names the place.
    const plain = error instanceof Error && (missing || 'errors' in error);
    const reason = plain ? error.message : inspect(error);
    console.log(`${label.padEnd(11)} ${missing && optional ? 'not run' : 'FAIL'} ${reason}\n`);
    if (!(missing && optional)) failures.push(`${label}: ${reason.split('\n', 2).join(' ')}`);
  }
}

async function findTests(): Promise<string[]> {
  const entries = await readdir(join(root, 'test'), { recursive: true });
  return entries
    .filter((entry) => entry.endsWith('.test.ts'))
    .map((entry) =>
      relative(root, join(root, 'test', entry))
        .split(sep)
        .join('/'),
    )
    .filter((file) => options.only.length === 0 || options.only.some((text) => file.includes(text)))
    .sort();
}

function port(text: string): number {
  const value = Number(text);
  if (!(Number.isInteger(value) && value >= 0 && value < 2 ** 16))
    throw new InvalidArgumentError('must be a whole number from 0, for one that is free, to 65535');
  return value;
}

function seconds(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError('must be a number above 0');
  return value;
}
