import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { browsersFor, launch, NoDeviceError } from '../../tools/browser.ts';
import { root } from '../../tools/root.ts';

const test = suite('browser');

test('the embedded browser comes up with SwiftShader', async () => {
  const { browser, page, renderer, driver } = await launch({ driver: 'swiftshader', executable: 'embedded' });
  try {
    assert.match(renderer, /SwiftShader/);
    assert.is(driver, 'swiftshader');
    const floats = await page.evaluate(() => {
      const gl = document.createElement('canvas').getContext('webgl2');
      return gl?.getExtension('EXT_color_buffer_float') != null;
    });
    assert.ok(floats, 'no EXT_color_buffer_float');
  } finally {
    await browser.close();
  }
});

test('a driver that the browser lacks is an error, not another driver', async () => {
  const error = await failure(launch({ driver: 'llvmpipe', executable: 'embedded' }));
  assert.instance(error, NoDeviceError);
  assert.match(error.message, /llvmpipe.*embedded/);
});

test('a browser that does not exist is an error that names it', async () => {
  const error = await failure(launch({ driver: 'swiftshader', executable: '/nonsense/browser' }));
  assert.instance(error, NoDeviceError);
  assert.match(error.message, /swiftshader.*\/nonsense\/browser.*\. Install Chrome, .* VMAMBAIR_BROWSER\.$/);
});

test('Chrome and Edge are tried where they are not on the path, and the embedded browser where it runs', () => {
  const lastFor = (platform: NodeJS.Platform, arch: NodeJS.Architecture) =>
    browsersFor('swiftshader', '/nonsense', { platform, arch }).slice(-2);
  assert.equal(lastFor('darwin', 'arm64'), ['chrome', 'msedge']);
  assert.equal(lastFor('win32', 'x64'), ['chrome', 'msedge']);
  assert.is(lastFor('linux', 'x64').at(-1), 'embedded');
  assert.not.ok(lastFor('linux', 'arm64').includes('embedded'));
});

if (process.platform === 'linux' && process.arch === 'x64') {
  test('what is cut short while the embedded browser is unpacked leaves nothing, where the first folder cannot be written to', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'browser-'));
    const [taken, cache] = ['taken', 'cache'].map((name) => join(folder, name));
    await writeFile(taken, 'a file');
    const script = `import { unpackEmbedded } from '${join(root, 'tools/embedded.ts')}';
      process.on('SIGINT', () => process.exit(130));
      await unpackEmbedded(${JSON.stringify([join(taken, 'cache'), cache])});`;
    const node = ['--import', import.meta.resolve('tsx'), '--input-type=module', '-e', script];
    const child = spawn(process.execPath, node, { cwd: root });
    try {
      const ended = once(child, 'exit');
      await until(async () => (await filesIn(cache)).length > 1);
      child.kill('SIGINT');
      assert.equal(await ended, [130, null]);
      assert.equal(await filesIn(cache), []);
    } finally {
      child.kill('SIGKILL');
      await rm(folder, { recursive: true });
    }
  });
}

async function filesIn(folder: string): Promise<string[]> {
  return readdir(folder, { recursive: true }).catch(() => []);
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 1000; tries++) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('what was waited for did not happen');
}

async function failure(promise: Promise<unknown>): Promise<Error> {
  return promise.then(
    () => {
      throw new Error('expected a failure');
    },
    (error) => error,
  );
}

test.run();
