/** Measures the engine against others, on each driver, and says whether the ratios that have to hold do. See README.md. */
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { type Driver, NoDeviceError } from '../tools/browser.ts';
import { root } from '../tools/bundle.ts';
import { measureOn } from './browser.ts';
import { header, rows, verdict } from './report.ts';
import type { DriverResult } from './results.ts';

interface Options {
  readonly driver: readonly Driver[];
  readonly only: readonly string[];
  readonly repeats: number;
}

const DRIVERS: readonly Driver[] = ['swiftshader', 'llvmpipe', 'gpu'];
const WARMUPS = 2;
/** Programs waiting for a core, on average over the last minute, from which on the machine is not quiet. */
const BUSY = 1;

const options = new Command('npm run bench --')
  .addOption(
    new Option('--driver <driver>', 'a driver; may be repeated (default: swiftshader and llvmpipe)')
      .argParser(oneMoreDriver)
      .default([], 'both'),
  )
  .option('--only <text>', 'only cases with this in their name; may be repeated', oneMore, [])
  .option('--repeats <number>', 'timed runs of each', wholeNumber, 9)
  .parse()
  .opts<Options>();

const plan = { warmups: WARMUPS, repeats: options.repeats };
const results: DriverResult[] = [];
const verdicts: string[] = [];
let failed = false;

const load = loadavg()[0];
if (load > BUSY) {
  console.log(
    `The load of the last minute is ${load.toFixed(1)} on ${cpus().length} cores. Times vary while other programs run.\n`,
  );
}

for (const driver of options.driver.length > 0 ? options.driver : (['swiftshader', 'llvmpipe'] as const)) {
  try {
    console.log(`${driver}\n${header()}`);
    const result = await measureOn(driver, { only: options.only, plan }, (each) => {
      console.log(rows(each));
      const judged = verdict(each, driver);
      if (!judged) return;
      failed ||= !judged.passed;
      verdicts.push(
        `${judged.passed ? 'pass' : 'FAIL'}  ${driver.padEnd(11)}  ${each.name.padEnd(20)}  ${judged.text}`,
      );
    });
    results.push(result);
    console.log(`${result.renderer}, browser ${result.browser}\n`);
  } catch (error) {
    if (!(error instanceof NoDeviceError)) throw error;
    console.log(`not run: ${error.message}\n`);
    // A driver that was asked for by name has to be there.
    failed ||= options.driver.length > 0;
  }
}

await mkdir(join(root, 'out'), { recursive: true });
await writeFile(
  join(root, 'out/bench.json'),
  `${JSON.stringify({ cores: cpus().length, load, plan, results }, null, 2)}\n`,
);

console.log([...verdicts, 'Written to out/bench.json'].join('\n'));
if (results.every(({ cases }) => cases.length === 0)) {
  console.log('Nothing was measured.');
  failed = true;
}
process.exitCode = failed ? 1 : 0;

function oneMore(text: string, all: readonly string[]): string[] {
  return [...all, text];
}

function oneMoreDriver(text: string, all: readonly Driver[]): Driver[] {
  const driver = DRIVERS.find((each) => each === text);
  if (!driver) throw new InvalidArgumentError(`must be one of ${DRIVERS.join(', ')}`);
  return [...all, driver];
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('must be a whole number from 1 on');
  return value;
}
