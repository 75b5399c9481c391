import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, link, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decode, encode } from 'fast-png';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { errorFrom } from '../../cli/compute.ts';
import { writeAll } from '../../cli/files.ts';
import { InputError } from '../../src/tensor/errors.ts';
import { unpackEmbedded } from '../../tools/embedded.ts';
import { root } from '../../tools/root.ts';
import { serve } from '../../tools/serve.ts';
import { QUICK } from '../../tools/testing/quick.ts';
import { generate } from '../reference/array.ts';
import { restore as reference } from '../reference/network.ts';
import { packed, TRANSLATED } from '../support/cli.ts';
import { assertClose } from '../support/close.ts';
import { psnr } from '../support/psnr.ts';
import { readSafetensors } from '../support/safetensors.ts';

const test = suite('command line');
const SWIFTSHADER = ['--driver', 'swiftshader'];
/** The browser that is found without being told. */
const FOUND = { VMAMBAIR_BROWSER: '' };
const BROWSER = QUICK ? { VMAMBAIR_BROWSER: QUICK } : FOUND;
const WIDTH = 13;
const HEIGHT = 9;
const LINE = 2;

let folder: string;
let temporary: string;
/** As the npm package has it. */
let command: readonly string[];

test.before(async () => {
  command = await packed();
});

test.before.each(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cli-'));
  temporary = join(folder, 'tmp');
  await mkdir(temporary);
});

test.after.each(() => rm(folder, { recursive: true }));

test('restores a PNG with its alpha, and draws what was before beside it', async () => {
  const input = picture(WIDTH, HEIGHT);
  await write('cat.rain.png', png(input));
  const { code, stdout, stderr } = await cli(['restore', 'cat.rain.png', ...SWIFTSHADER]);
  assert.is(stderr, '');
  assert.is(code, 0);
  assert.match(stdout, /^derain network with 866,132 parameters on .*SwiftShader.*\n13 x 9 pixels in \d+\.\d\d s: /);
  assert.match(stdout, /\nwrote cat\.rain\.restored\.png\nwrote cat\.rain\.compare\.png\n$/);
  assert.equal(await files(), ['cat.rain.compare.png', 'cat.rain.png', 'cat.rain.restored.png']);

  const output = await readPng('cat.rain.restored.png');
  assert.equal([output.width, output.height, output.channels], [WIDTH, HEIGHT, 4]);
  assert.equal(alphaOf(output.data), alphaOf(input.data));
  assert.not.equal(output.data, input.data);

  const comparison = await readPng('cat.rain.compare.png');
  assert.equal([comparison.width, comparison.height], [2 * WIDTH + LINE, HEIGHT]);
  assert.equal(columns(comparison, 0, WIDTH), [...input.data]);
  assert.equal(columns(comparison, WIDTH + LINE, WIDTH), [...output.data]);
});

test('a safetensors file holds the values that the PNG clamps and rounds, and --json prints one line about the run', async () => {
  // Of black and white: what the network makes of it leaves [0, 1].
  const { data: colours } = picture(WIDTH, HEIGHT);
  const input = colours.map((value, i) => (i % 4 === 3 ? value : 255 * Math.round(value / 255)));
  await write('in.png', png({ width: WIDTH, height: HEIGHT, data: input }));
  const [json] = await Promise.all([
    cli(['restore', 'in.png', '-o', 'out.safetensors', '--json', ...SWIFTSHADER]),
    cli(['restore', 'in.png', '-o', 'out.png', ...SWIFTSHADER]),
  ]);
  assert.equal(await files(), ['in.png', 'out.compare.png', 'out.png', 'out.safetensors']);

  assert.equal([json.code, json.stderr], [0, '']);
  assert.match(json.stdout, /^\{.*\}\n$/);
  const { renderer, milliseconds, peakGpuBytes, attachments, ...rest } = JSON.parse(json.stdout);
  assert.equal(rest, {
    input: 'in.png',
    output: 'out.safetensors',
    width: WIDTH,
    height: HEIGHT,
    variant: 'derain',
    parameters: 866132,
    precision: 'f32',
  });
  assert.ok([8, 4].includes(attachments), `${attachments} attachments`); // a browser may offer six
  assert.match(renderer, /SwiftShader/);
  assert.equal(Object.keys(milliseconds), ['load', 'compile', 'run', 'total']);
  assert.ok(Object.values<number>(milliseconds).every((time) => Number.isInteger(time) && time >= 0));
  assert.ok(milliseconds.total >= milliseconds.load + milliseconds.compile + milliseconds.run);
  assert.ok(Number.isInteger(peakGpuBytes) && peakGpuBytes > 866132 * 4);

  const { tensors } = readSafetensors(new Uint8Array(await readFile(join(folder, 'out.safetensors'))).buffer);
  assert.equal([...tensors.keys()], ['output']);
  const { data, shape } = tensors.get('output')!;
  assert.equal(shape, [1, 3, HEIGHT, WIDTH]);
  assert.ok(Math.min(...data) < -0.1 && Math.max(...data) > 1.01, `${Math.min(...data)} to ${Math.max(...data)}`);
  const weights = readSafetensors(new Uint8Array(await readFile(join(root, 'weights/derain-tiny.safetensors'))).buffer);
  const image = generate([1, 3, HEIGHT, WIDTH], (_n, c, y, x) => input[(y * WIDTH + x) * 4 + c] / 255);
  assertClose(data, reference(image, weights.tensors, 'derain').data, 1e-4, 'restored');
  const rounded = await readPng('out.png');
  for (let pixel = 0; pixel < WIDTH * HEIGHT; pixel++) {
    for (let channel = 0; channel < 3; channel++) {
      const exact = 255 * Math.min(1, Math.max(0, data[channel * WIDTH * HEIGHT + pixel]));
      const difference = Math.abs(exact - rounded.data[pixel * 4 + channel]);
      assert.ok(difference < 0.51, `pixel ${pixel}, channel ${channel} is off by ${difference}`);
    }
  }
});

test('--precision and --attachments choose how it is computed', async () => {
  await write('in.png', png(picture(WIDTH, HEIGHT)));
  const options = ['--precision', 'f16', '--attachments', '4', '--json'];
  const runs = await Promise.all([
    cli(['restore', 'in.png', '-o', 'half.png', ...options, ...SWIFTSHADER]),
    cli(['restore', 'in.png', '-o', 'full.png', '--attachments', '1', '--json', ...SWIFTSHADER]),
  ]);
  const chosen = runs.map(({ code, stderr, stdout }) => {
    assert.equal([code, stderr], [0, '']);
    const { precision, attachments } = JSON.parse(stdout);
    return [precision, attachments];
  });
  assert.equal(chosen, [
    ['f16', 4],
    ['f32', 1],
  ]);
  const [half, full] = [await readPng('half.png'), await readPng('full.png')];
  const decibels = psnr(rgbOf(half), rgbOf(full), 3);
  assert.ok(decibels > 45, `PSNR ${decibels}`);
});

test('an option that the device cannot meet is said as it is, without the name of a file', () => {
  const message = 'Some renderer writes 4 float32 attachments at once, not 8.';
  const named = (name: string) => ({ name, bytes: new Uint8Array() });
  const job = { picture: named('a.png'), weights: named('b.pth') };
  const error = errorFrom({ problem: 'device', name: 'InputError', message }, job);
  assert.instance(error, InputError);
  assert.is(error.message, message);
  assert.match(
    errorFrom({ problem: 'weights', name: 'InputError', message }, job).message,
    /^The checkpoint 'b\.pth' /,
  );
});

test('enlarges a single pixel with weights from a server', async () => {
  await write('dot.png', png(picture(1, 1)));
  const server = await serve({ folders: { '/weights/': join(root, 'weights') } });
  try {
    const url = `${server.url}/weights/sr-tiny.safetensors`;
    const good = await cli(['restore', 'dot.png', '--weights', url, '--attachments', '1', ...SWIFTSHADER]);
    assert.equal([good.code, good.stderr], [0, '']);
    const bad = await cli(['restore', 'dot.png', '--weights', `${url}.none`, '-o', 'none.png']);
    assert.equal([bad.code, bad.stdout], [1, '']);
    assert.is(bad.stderr, `The checkpoint '${url}.none' cannot be fetched: the server answered 404 Not Found.\n`);
  } finally {
    await server.close();
  }
  assert.equal(await files(), ['dot.compare.png', 'dot.png', 'dot.restored.png']);
  const { width, height } = await readPng('dot.restored.png');
  assert.equal([width, height], [4, 4]);
  const comparison = await readPng('dot.compare.png');
  assert.equal([comparison.width, comparison.height], [8 + LINE, 4]);
  const pixel = [...picture(1, 1).data];
  assert.equal(columns(comparison, 0, 4), Array(16).fill(pixel).flat());
});

test('reads JPEG and WebP', async () => {
  await Promise.all(['gradient.jpg', 'gradient.webp'].map(restoreGradient));
});

test('without a picture takes the sample that is bundled, and removes its rain', async () => {
  const names = ['out/cat.rain.restored.png', 'out/cat.rain.compare.png'].map((name) => join(root, name));
  for (const name of names) await rm(name, { force: true });
  const { code, stdout, stderr } = await cli(['restore'], { cwd: root, env: FOUND, program: TRANSLATED });
  assert.equal([code, stderr], [0, '']);
  assert.match(stdout, /\nwrote out\/cat\.rain\.restored\.png\nwrote out\/cat\.rain\.compare\.png\n$/);
  const [restored, comparison, clean] = await Promise.all(
    [...names, join(root, 'samples/cat.clean.png')].map(async (path) => decode(await readFile(path))),
  );
  assert.equal([restored.width, restored.height], [320, 256]);
  assert.equal([comparison.width, comparison.height], [640 + LINE, 256]);
  const decibels = psnr(rgbOf(restored), rgbOf(clean), 3);
  assert.ok(decibels > 31, `PSNR ${decibels}`);
});

test('tells about itself', async () => {
  const [version, help, restoreHelp] = await Promise.all([
    cli(['--version']),
    cli(['--help']),
    cli(['restore', '--help']),
  ]);
  const { version: ours } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  assert.equal(version, { code: 0, stdout: `${ours}\n`, stderr: '' });
  assert.is(help.code, 0);
  assert.match(help.stdout, /restore \[options\] \[image\][\s\S]*Examples:/);
  assert.is(restoreHelp.code, 0);
  for (const word of ['--weights', '--output', '--driver', '--precision', '--attachments', '--json', 'Examples:']) {
    assert.ok(restoreHelp.stdout.includes(word), word);
  }
});

test('bad input ends with 1, one sentence and no output', async () => {
  await write('good.png', png(picture(WIDTH, HEIGHT)));
  await write('empty.png', new Uint8Array());
  await write('text.png', Buffer.from('not a picture'));
  await write('cut.png', png(picture(WIDTH, HEIGHT)).subarray(0, 60));
  await write('wide.png', png(picture(20000, 2)));
  await write('cut.weights', (await readFile(join(root, 'weights/sr-tiny.safetensors'))).subarray(0, 5000));
  // As photo.PNG is photo.png where capitals make no difference.
  await link(join(folder, 'good.png'), join(folder, 'same.png'));
  const inputs = await files();

  const before: [args: string[], sentence: RegExp][] = [
    [['none.png'], /^The picture 'none\.png' cannot be read: it does not exist\.$/],
    [['.'], /^The picture '\.' cannot be read: it is a folder\.$/],
    [['empty.png'], /^The picture 'empty\.png' is empty\.$/],
    [
      ['good.png', '--weights', 'rain'],
      /^There is no checkpoint 'rain': no such file, and the bundled ones are derain and sr\.$/,
    ],
    [['--weights', 'rain'], /^There is no checkpoint 'rain': /],
    [['good.png', '--weights', 'tmp'], /^The checkpoint 'tmp' cannot be read: it is a folder\.$/],
    [['good.png', '--weights', 'http://127.0.0.1:9/w'], /^The checkpoint 'http:.*9\/w' cannot be fetched: .*\.$/],
    [['good.png', '-o', 'none/x.png'], /^The output folder 'none' cannot be written to: it does not exist\.$/],
    [['good.png', '-o', 'good.png/x.png'], /^The output folder 'good\.png' cannot be written to: .* a file\.$/],
    [['good.png', '-o', './good.png'], /^The output '\.\/good\.png' would overwrite the picture .*\.$/],
    [['good.png', '-o', 'same.png'], /^The output 'same\.png' would overwrite the picture .*\.$/],
  ];
  // These fail before a browser starts, and may do so side by side.
  await Promise.all(before.map(([args, sentence]) => expectFailure(args, 1, sentence)));

  const inPage: [args: string[], sentence: RegExp][] = [
    [['text.png'], /^The picture 'text\.png' cannot be used: its 13 bytes are no image that .*\.$/],
    [
      ['cut.png'],
      /^The picture 'cut\.png' cannot be used: its \d+ bytes are an image of 13 x 9 that .* damaged, or .*\.$/,
    ],
    [
      ['wide.png'],
      /^The picture 'wide\.png' cannot be used: A picture of 20000 x 2 is too large .*; \d+ x \d+ fits\.$/,
    ],
    [['--weights', 'cut.weights'], /^The checkpoint 'cut\.weights' cannot be used: .*\.$/],
  ];
  await Promise.all(inPage.map(([args, sentence]) => expectFailure([...args, ...SWIFTSHADER], 1, sentence)));
  assert.equal(await files(), inputs);
});

test('folders that cannot be used end with 1 and a sentence', async () => {
  await write('in.png', png(picture(WIDTH, HEIGHT)));
  await write('out', Buffer.from('a file'));
  const [output, temporary] = [
    /^The output folder 'out' cannot be written to: it is, or lies in, a file\.$/,
    /^The folder '\/nonsense' cannot take temporary files: it does not exist\.$/,
  ];
  await Promise.all([expectFailure([], 1, output), expectFailure(['in.png'], 1, temporary, { TMPDIR: '/nonsense' })]);
  assert.equal(await files(), ['in.png', 'out']);
});

test('where one of two files cannot be written the other stays, and is told of', async () => {
  await mkdir(join(folder, 'taken.png'));
  const [good, taken] = ['good.png', 'taken.png'].map((name) => join(folder, name));
  const content = Buffer.from('new');
  assert.throws(
    () => writeAll([good, taken].map((path) => [path, content])),
    ({ message }: Error) => message === `The output '${taken}' cannot be written, but '${good}' was: it is a folder.`,
  );
  assert.equal(await readFile(good), content);
  assert.equal(await files(), ['good.png', 'taken.png']);
});

test('wrong usage ends with 2', async () => {
  const cases: [args: string[], message: RegExp][] = [
    [['--nonsense'], /unknown option '--nonsense'/],
    [['--weights'], /'--weights <name\|file\|url>' argument missing/],
    [['--driver', 'voodoo'], /'voodoo' is invalid.*swiftshader/],
    [['--precision', 'f64'], /'f64' is invalid.*f32, f16/],
    [['--attachments', '2'], /'2' is invalid.*8, 4, 1/],
    [['-o', 'picture.jpg'], /'picture\.jpg' is invalid.*\.safetensors/],
    [['one.png', 'two.png'], /too many arguments/],
  ];
  await Promise.all([
    ...cases.map(([args, message]) => expectFailure(args, 2, message)),
    cli(['repair']).then(({ code, stderr }) => {
      assert.is(code, 2);
      assert.match(stderr, /unknown command 'repair'/);
    }),
  ]);
  assert.equal(await files(), []);
});

test('no device ends with 3', async () => {
  await write('in.png', png(picture(WIDTH, HEIGHT)));
  const env = { VMAMBAIR_BROWSER: '/nonsense/browser' };
  await expectFailure(['in.png', ...SWIFTSHADER], 3, /^No WebGL2 device for the driver 'swiftshader': .*nonsense/, env);
  assert.equal(await files(), ['in.png']);
});

if (QUICK) {
  test('a browser without WebGL2 ends with 3', async () => {
    await write('in.png', png(picture(WIDTH, HEIGHT)));
    const { path, env: variables } = await unpackEmbedded();
    const settings = Object.entries(variables!).map(([name, value]) => `${name}='${value}'`);
    // The last of several --use-gl counts. --disable-3d-apis would leave WebGL2 to workers.
    const script = `#!/bin/sh\nexec env ${settings.join(' ')} '${path}' "$@" --use-gl=disabled\n`;
    await writeFile(join(folder, 'browser'), script, { mode: 0o755 });
    const env = { VMAMBAIR_BROWSER: join(folder, 'browser') };
    const sentence =
      /^No WebGL2 device for the driver 'swiftshader': .*browser \(swiftshader\): it has no WebGL2\. Install Chrome, .* VMAMBAIR_BROWSER\.$/;
    await expectFailure(['in.png', ...SWIFTSHADER], 3, sentence, env);
    assert.equal(await files(), ['browser', 'in.png']);
    await nothingRemains();
  });
}

if (existsSync('/proc/self/cmdline')) {
  test('a browser that dies halfway ends with 3', async () => {
    await nothingRemains(); // or the browser that is found may be an earlier one on its way out
    const run = cli(['restore', join(root, 'samples/cat.rain.png'), ...SWIFTSHADER], { env: FOUND });
    process.kill(await browserAtWork(), 'SIGKILL');
    const { code, stdout, stderr } = await run;
    assert.equal([code, stdout], [3, '']);
    assert.match(stderr, /^.*[Bb]rowser.*\.\n$/);
    assert.equal(await files(), []);
    await nothingRemains();
  });

  test('Ctrl-C ends with 130 and leaves nothing', async () => {
    await nothingRemains();
    const interrupt = new AbortController();
    const run = cli(['restore', join(root, 'samples/cat.rain.png'), ...SWIFTSHADER], { interrupt: interrupt.signal });
    await browserAtWork();
    interrupt.abort();
    assert.equal(await run, { code: 130, stdout: '', stderr: '' });
    assert.equal(await files(), []);
    await nothingRemains();
  });
}

async function restoreGradient(name: string): Promise<void> {
  await copyFile(join(root, 'test/fixtures', name), join(folder, name));
  const { code, stderr } = await cli(['restore', name, '-o', `${name}.png`, '--attachments', '1', ...SWIFTSHADER]);
  assert.equal([code, stderr], [0, ''], name);
  const { width, height, data } = await readPng(`${name}.png`);
  assert.equal([width, height], [13, 9], name);
  // The picture goes from red to blue.
  assert.ok(data[0] > data[2] && data.at(-4)! < data.at(-2)!, `${name}: ${data.slice(0, 4)} to ${data.slice(-4)}`);
}

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Surroundings {
  readonly cwd?: string;
  readonly env?: Record<string, string>;
  /** Node's arguments before those of the command line. */
  readonly program?: readonly string[];
  /** Sends SIGINT when it aborts. */
  readonly interrupt?: AbortSignal;
}

/** Runs the command line in the test's folder, with temporary files of its own. */
function cli(
  args: readonly string[],
  { cwd = folder, env, program = command, interrupt }: Surroundings = {},
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...program, ...args], {
      cwd,
      env: { ...process.env, ...BROWSER, TMPDIR: temporary, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (text) => {
      stdout += text;
    });
    child.stderr.on('data', (text) => {
      stderr += text;
    });
    interrupt?.addEventListener('abort', () => child.kill('SIGINT'));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

async function expectFailure(args: string[], code: number, message: RegExp, env = {}): Promise<void> {
  const ended = await cli(['restore', ...args], { env });
  const title = args.join(' ');
  assert.is(ended.stdout, '', title);
  assert.match(ended.stderr.trimEnd(), message, title);
  // Wrong usage is followed by a hint.
  if (code !== 2) assert.match(ended.stderr, /^[^\n]+\n$/, title);
  assert.is(ended.code, code, title);
}

/** Waits until the browser that the command line started has had time to begin, and answers its process. */
async function browserAtWork(): Promise<number> {
  for (let tries = 0; tries < 600; tries++) {
    await pause(100);
    const processes = await browserProcesses();
    const browser = processes.find(({ command }) => !command.includes('--type='));
    const gpu = processes.find(({ command }) => command.includes('--type=gpu-process'));
    // What it does until a page is there takes less. A browser that dies earlier has not come up, and another one is tried.
    if (browser && gpu && (await secondsOf(gpu.id)) > 3) return browser.id;
  }
  throw new Error('no browser came to work');
}

/** Processor time that a process has taken. */
async function secondsOf(id: number): Promise<number> {
  const { user, system } = await statusOf(id);
  return (user + system) / 100;
}

async function statusOf(id: number): Promise<{ parent: number; user: number; system: number }> {
  const fields = (await readFile(`/proc/${id}/stat`, 'utf8').catch(() => '')).replace(/^.*\) /, '').split(' ');
  const [parent, user, system] = [fields[1], fields[11], fields[12]].map((field) => Number(field) || 0);
  return { parent, user, system };
}

interface Process {
  readonly id: number;
  readonly parent: number;
  readonly command: string;
}

/** The browser, which is told that its user's folder lies in our temporary one, and every process that it has started. */
async function browserProcesses(): Promise<Process[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const processes = await Promise.all(
    ids.map(async (id) => {
      const command = await readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '');
      return { id, parent: (await statusOf(id)).parent, command };
    }),
  );
  const ours = new Set(processes.filter(({ command }) => command.includes(`--user-data-dir=${temporary}`)));
  for (const { id } of ours) for (const process of processes) if (process.parent === id) ours.add(process);
  return [...ours];
}

async function nothingRemains(): Promise<void> {
  // A killed process takes a moment to go.
  for (let tries = 0; tries < 100 && (await browserProcesses()).length > 0; tries++) await pause(100);
  assert.equal(await browserProcesses(), []);
  // tsx keeps its cache there.
  const rest = (await readdir(temporary)).filter((name) => !/^(tsx|node-compile-cache)/.test(name));
  assert.equal(rest, []);
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** Smooth colours, and alpha from transparent to opaque. */
function picture(width: number, height: number): Pixels {
  const data = new Uint8Array(width * height * 4);
  for (let i = 0; i < width * height; i++) {
    const [x, y] = [i % width, Math.floor(i / width)];
    data.set([200 - y * 9, 60 + x * 11, 90 + x * y, i === 1 ? 0 : 255 - i * 2], i * 4);
  }
  return { width, height, data };
}

function png({ width, height, data }: Pixels): Uint8Array {
  return encode({ width, height, data, channels: 4, depth: 8 });
}

async function readPng(name: string) {
  return decode(await readFile(join(folder, name)));
}

function alphaOf(data: ArrayLike<number>): number[] {
  return Array.from({ length: data.length / 4 }, (_, i) => data[i * 4 + 3]);
}

function rgbOf({ data, channels }: { data: ArrayLike<number>; channels: number }): number[] {
  return Array.from(data).filter((_, i) => i % channels < 3);
}

/** The RGBA values of `count` columns, row after row. */
function columns(
  { width, height, data }: { width: number; height: number; data: ArrayLike<number> },
  first: number,
  count: number,
): number[] {
  const rows = Array.from({ length: height }, (_, y) => (y * width + first) * 4);
  return rows.flatMap((at) => Array.from({ length: count * 4 }, (_, i) => data[at + i]));
}

async function write(name: string, content: Uint8Array): Promise<void> {
  await writeFile(join(folder, name), content);
}

/** What lies in the test's folder, sorted. */
async function files(): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name !== 'tmp').sort();
}

test.run();
