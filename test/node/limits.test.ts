/** A device's limits are measured before and after what is judged by them. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Measured, measureOn } from '../../bench/browser.ts';
import { benchmarkFiles } from '../../bench/files.ts';
import type { Limits } from '../../bench/results.ts';
import { type Driver, NoDeviceError } from '../../tools/browser.ts';

const test = suite('limits, twice');

test('before and after what is judged by them', async () => {
  const files = await benchmarkFiles();
  const asked = { sections: ['limits', 'operations'], only: ['conv 1x1 96'], contenders: [], repeats: 1 };
  const told: (Limits | string)[] = [];
  const measure = (driver: Driver): Promise<Measured> =>
    measureOn(driver, files, asked, 10, {
      onLimits({ limits, limitsFailure }) {
        told.push(limits ?? limitsFailure!);
      },
      onCase(_, { name }) {
        told.push(name);
      },
    });
  // The faster one, where it is there.
  const { result } = await measure('llvmpipe').catch((error) => {
    if (!(error instanceof NoDeviceError)) throw error;
    return measure('swiftshader');
  });
  assert.is(told.length, 3);
  const [first, name, second] = told as [Limits, string, Limits];
  assert.is(name, 'conv 1x1 96->96');
  assert.equal(second, result.limits);
  assert.ok(second.multiplyAdds >= first.multiplyAdds && second.exponentials >= first.exponentials);
  assert.ok(second.draw <= first.draw);
});

test.run();
