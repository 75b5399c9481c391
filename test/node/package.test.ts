/** What the npm package holds, as a page without a build step takes it. */
import { execFile } from 'node:child_process';
import { access, copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { encode } from 'fast-png';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { launch } from '../../tools/browser.ts';
import { outputFolder } from '../../tools/output_folder.ts';
import { root } from '../../tools/root.ts';
import { serve } from '../../tools/serve.ts';
import { QUICK, QUICK_BROWSER } from '../../tools/testing/quick.ts';

const test = suite('package');
const run = promisify(execFile);

/** A folder of packages in which this one is installed, without what it asks for. */
let packages: string;
let lib: string;

test.before(async () => {
  packages = join(await mkdtemp(join(tmpdir(), 'package-')), 'node_modules');
  const home = join(packages, 'vmambair-webgl');
  lib = join(home, 'lib');
  await mkdir(home, { recursive: true });
  await copyFile(join(root, 'package.json'), join(home, 'package.json'));
  await symlink(join(root, 'weights'), join(home, 'weights'));
  await run(process.execPath, ['--import', import.meta.resolve('tsx'), join(root, 'tools/package.ts'), '--out', lib]);
});

test.after(() => rm(dirname(packages), { recursive: true }));

test('a page of an older browser imports the library by its address and restores a picture; types are there', async () => {
  const page = '<!doctype html><title>A page</title>';
  const folders = { '/lib/': lib, '/weights/': join(root, 'weights') };
  const server = await serve({ files: new Map([['/', page]]), folders });
  const { browser, page: visitor } = await launch({ ...QUICK_BROWSER, url: server.url });
  try {
    await visitor.evaluate(becomeOlder);
    const restored = await visitor.evaluate(`(async () => {
      const { load, InputError } = await import('/lib/vmambair.js');
      const model = await load('/weights/sr-tiny.safetensors', { attachments: 1 });
      const { width, height } = await model.restore(new ImageData(5, 3));
      const refused = await model.restore(new Blob([])).catch((error) => error instanceof InputError);
      model.dispose();
      return { width, height, refused };
    })()`);
    assert.equal(restored, { width: 20, height: 12, refused: true });
  } finally {
    await browser.close();
    await server.close();
  }
  assert.match(await readFile(join(lib, 'types/index.d.ts'), 'utf8'), /export \{[^}]*\bload\b/);
});

/** Runs in the page: takes from it what Safari lacks, or lacked until 17, and Chrome and Firefox did before 2025. */
function becomeOlder(): void {
  const { dispose, asyncDispose, length, name, prototype, ...older } = Object.getOwnPropertyDescriptors(Symbol);
  globalThis.Symbol = Object.defineProperties(Symbol.bind(undefined), older) as SymbolConstructor;
  OffscreenCanvas.prototype.getContext = () => null;
}

test('its command line reads checkpoints by itself, and restores with what drives a browser beside it', async () => {
  const command = join(lib, 'cli.js');
  assert.match((await run(command, ['info', 'derain'])).stdout, /^derain network with 866,132 parameters\n/);

  const folder = dirname(packages);
  const image = join(folder, 'dot.png');
  await writeFile(image, encode({ width: 1, height: 1, data: new Uint8Array([10, 200, 30]), channels: 3 }));
  const restore = () =>
    run(command, ['restore', image, '--driver', 'swiftshader'], {
      cwd: folder,
      env: { ...process.env, VMAMBAIR_BROWSER: QUICK ?? '' },
    });
  const { code, stderr } = await restore().catch((failure) => failure);
  assert.is(code, 3);
  assert.match(stderr, /playwright-core, which is not installed: 'npm install playwright-core' adds it\.\n$/);

  await mkdir(join(packages, '@sparticuz'));
  for (const name of ['playwright-core', '@sparticuz/chromium'])
    await symlink(join(root, 'node_modules', name), join(packages, name));
  assert.match((await restore()).stdout, /\nwrote dot\.restored\.png\nwrote dot\.compare\.png\n$/);
});

test('the licences of all that is in it come with it, and no others', async () => {
  const licences = await readFile(join(lib, 'cli.licences.txt'), 'utf8');
  for (const name of ['cli-progress', 'commander', 'fast-png', 'twgl.js']) assert.match(licences, `${name}\n\n`);
  assert.not.match(licences, 'gl-matrix', 'which only the page for visitors has');
});

for (const tool of ['package', 'build']) {
  test(`npm run ${tool} deletes nothing that was not written by it`, async () => {
    const notes = join(packages, 'notes.txt');
    await writeFile(notes, 'milk, bread');
    const { code, stderr } = await run(process.execPath, [
      ...['--import', import.meta.resolve('tsx'), join(root, `tools/${tool}.ts`)],
      ...['--out', packages],
    ]).catch((failure) => failure);
    assert.is(code, 1);
    assert.match(
      stderr,
      /^error: option '--out <folder>' argument .* is invalid\. It is not empty, and no earlier output: /,
    );
    assert.is(await readFile(notes, 'utf8'), 'milk, bread');
  });
}

test('neither the project nor a folder around it is taken for one to write to, but one that is empty, new or written earlier', async () => {
  const read = outputFolder('vmambair.js');
  for (const path of [root, dirname(root), '/']) assert.throws(() => read(path), /The project lies in this folder/);
  assert.throws(() => read(join(root, 'src')), /It is not empty, and no earlier output: it has no vmambair\.js\./);
  assert.throws(() => read(join(root, 'package.json')), /It cannot be read as a folder/);
  const empty = await mkdtemp(join(dirname(packages), 'empty-'));
  for (const path of [lib, empty, join(empty, 'new')]) assert.is(read(path), path);
});

test('its paths are those that are packed', async () => {
  const { exports, bin, files } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  assert.equal(Object.values(exports['.']), ['./lib/types/index.d.ts', './lib/vmambair.js']);
  assert.equal(bin, { vmambair: 'lib/cli.js' });
  assert.equal(files, ['lib', 'weights', 'samples/cat.rain.png']);
  await access(join(root, 'weights/derain-tiny.safetensors'));
  await access(join(root, 'samples/cat.rain.png'));
});

test.run();
