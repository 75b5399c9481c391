import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { launch, NoDeviceError } from '../../tools/browser.ts';

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
  assert.match(error.message, /swiftshader.*\/nonsense\/browser/);
});

async function failure(promise: Promise<unknown>): Promise<Error> {
  return promise.then(
    () => {
      throw new Error('expected a failure');
    },
    (error) => error,
  );
}

test.run();
