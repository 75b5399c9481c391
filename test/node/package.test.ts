/** What the npm package holds, as a page without a build step takes it. */
import { execFile } from 'node:child_process';
import { access, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { launch } from '../../tools/browser.ts';
import { root } from '../../tools/bundle.ts';
import { serve } from '../../tools/serve.ts';
import { QUICK } from '../support/browser.ts';

const test = suite('package');
const run = promisify(execFile);

test('a page imports the library by its address and restores a picture; types are there', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'package-'));
  await run(process.execPath, [
    '--import',
    import.meta.resolve('tsx'),
    join(root, 'tools/package.ts'),
    '--out',
    folder,
  ]);
  const page = '<!doctype html><title>A page</title>';
  const folders = { '/lib/': folder, '/weights/': join(root, 'weights') };
  const server = await serve({ files: new Map([['/', page]]), folders });
  const { browser, page: visitor } = await launch({ driver: 'swiftshader', executable: QUICK, url: server.url });
  try {
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
  assert.match(await readFile(join(folder, 'types/index.d.ts'), 'utf8'), /export \{[^}]*\bload\b/);
  await rm(folder, { recursive: true });
});

test('its paths are those that are packed', async () => {
  const { exports, files } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  assert.equal(Object.values(exports['.']), ['./lib/types/index.d.ts', './lib/vmambair.js']);
  assert.equal(files, ['lib', 'weights']);
  await access(join(root, 'weights/derain-tiny.safetensors'));
});

test.run();
