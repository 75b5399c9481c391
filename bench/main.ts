/** Measures the engine against others, on each driver, and says whether its requirements are met. See README.md. */
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { type Driver, NoDeviceError, possibleDrivers } from '../tools/browser.ts';
import { root } from '../tools/root.ts';
import { measureOn } from './browser.ts';
import { NAMES } from './contenders/names.ts';
import { benchmarkFiles } from './files.ts';
import type { BenchOptions } from './host.ts';
import { judgementsOf } from './judge.ts';
import { limitLines } from './report/limits.ts';
import { reportPage } from './report/page.ts';
import { textHeader, textOf } from './report/table.ts';
import type { DeviceResult, Limits, Report } from './results.ts';
import { sections } from './sections/index.ts';
import { limits as limitsSection } from './sections/limits.ts';

interface Options {
  readonly driver?: readonly Driver[];
  readonly section?: readonly string[];
  readonly contender?: readonly string[];
  readonly only?: readonly string[];
  readonly size?: readonly number[];
  readonly repeats?: number;
  readonly minutes: number;
}

const DRIVERS: readonly Driver[] = ['swiftshader', 'llvmpipe', 'gpu'];
/** How the drivers share the time: on SwiftShader most takes longer. */
const PARTS: Readonly<Record<Driver, number>> = { swiftshader: 10, llvmpipe: 7, gpu: 7 };
/** Programs waiting for a core, on average over the last minute, from which on the machine is not quiet. */
const BUSY = 1;

const options = new Command('npm run bench --')
  .description('Every option but --repeats and --minutes may be given several times.')
  .option('--driver <driver>', 'swiftshader, llvmpipe or gpu; all that are there unless told', oneOf(DRIVERS))
  .option('--section <id>', `${sections.map(({ id }) => id).join(', ')}; all unless told`, oneOf(sectionIds()))
  .option('--contender <name>', `${NAMES.slice(1).join(', ')}; all unless told`, oneOf(NAMES))
  .option('--only <text>', 'cases with this in their name', more(String))
  .option('--size <side>', 'of the cases that differ by it, those with a picture of this side', more(wholeNumber))
  .option('--repeats <number>', 'most timed runs of each, 9 unless told', wholeNumber)
  .option('--minutes <number>', 'when they are over no more is measured; drivers share them', minutesFrom, 14.7)
  .parse()
  .opts<Options>();

const { driver: asked, section, contender, only, size: sizes, repeats, minutes } = options;
const wanted: BenchOptions = { sections: section, contenders: contender, only, sizes, repeats };
const drivers = asked ?? DRIVERS.filter((driver) => possibleDrivers().includes(driver));
const devices: DeviceResult[] = [];
const judged: string[] = [];
let cores = cpus().length;
let failed = false;

const load = loadavg()[0];
if (load > BUSY) {
  console.log(
    `The load of the last minute is ${load.toFixed(1)} on ${cores} cores. Times vary while other programs run.\n`,
  );
}

const date = new Date().toISOString();
const files = await benchmarkFiles();
for (const [k, driver] of drivers.entries()) {
  const parts = drivers.slice(k).reduce((sum, each) => sum + PARTS[each], 0);
  const share = (Math.max(0, minutes - performance.now() / 60_000) * PARTS[driver]) / parts;
  try {
    console.log(`${driver}\n${textHeader()}`);
    let current = '';
    let limits: Limits | undefined;
    const measured = await measureOn(driver, files, wanted, share, {
      onLimits(result) {
        console.log(`\n${limitsSection.title}${limits ? ', the better of two measurements' : ''}`);
        for (const [name, text] of limitLines(result)) console.log(`${name.padEnd(26)}  ${text}`);
        limits = result.limits;
        failed ||= !limits;
        current = ''; // the section goes on under its title
      },
      onCase({ id, title }, result) {
        if (id !== current) console.log(`\n${title}`);
        current = id;
        console.log(textOf(result, limits));
      },
    });
    cores = measured.cores;
    devices.push(measured.result);
    // Not before now: limits may have come out better since a case was told of.
    for (const { mark, name, text } of judgementsOf(measured.result, wanted)) {
      failed ||= mark !== 'pass';
      judged.push(`${mark.padEnd(12)}  ${driver.padEnd(11)}  ${name.padEnd(26)}  ${text}`);
    }
    const { renderer, browser, contenders } = measured.result;
    console.log(`\n${renderer}, ${browser}`);
    for (const [name, about] of Object.entries(contenders)) console.log(`${name}: ${about}`);
    if (measured.cut === 'time')
      console.log(`Not all was measured in ${share.toFixed(1)} minutes; --minutes gives more.`);
    if (measured.cut === 'crash') {
      console.log(`The page ended early, ${measured.reason}; what was measured before is in the report.`);
      failed = true;
    }
    console.log();
  } catch (error) {
    if (error instanceof NoDeviceError) {
      console.log(`not run: ${error.message}\n`);
      // A driver that was asked for by name has to be there.
      failed ||= asked !== undefined;
    } else {
      // What other drivers have measured is not lost with it.
      console.error(error);
      failed = true;
    }
  }
}

const report: Report = { date, cores, devices };
await mkdir(join(root, 'out'), { recursive: true });
await writeFile(join(root, 'out/bench.json'), `${JSON.stringify(report, null, 2)}\n`);
await writeFile(join(root, 'out/bench.html'), await reportPage(report));

console.log([...judged, 'Written to out/bench.json and, as a page, out/bench.html'].join('\n'));
if (devices.every(({ sections, limits }) => sections.length === 0 && !limits)) {
  console.log('Nothing was measured.');
  failed = true;
}
process.exitCode = failed ? 1 : 0;

/** An option that may be given several times. */
function more<T>(parse: (text: string) => T): (text: string, all?: readonly T[]) => readonly T[] {
  return (text, all = []) => [...all, parse(text)];
}

function oneOf<T extends string>(choices: readonly T[]): (text: string, all?: readonly T[]) => readonly T[] {
  return more((text) => {
    const choice = choices.find((each) => each === text);
    if (!choice) throw new InvalidArgumentError(`must be one of ${choices.join(', ')}`);
    return choice;
  });
}

function sectionIds(): string[] {
  return sections.map(({ id }) => id);
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('must be a whole number from 1 on');
  return value;
}

function minutesFrom(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError('must be a number above 0');
  return value;
}
