/** A device's limits are measured before and after what is judged by them. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { measureOn } from '../../bench/browser.ts';
import { benchmarkFiles } from '../../bench/files.ts';
import { betterLimits } from '../../bench/limits/better.ts';
import type { Limits } from '../../bench/results.ts';
import { possibleDrivers } from '../../tools/browser.ts';

const test = suite('limits, twice');

const SOME: Limits = {
  multiplyAdds: 8e9,
  exponentials: 7e8,
  fetches: 5e8,
  halfFetches: 3e8,
  writes: 2e8,
  draw: 5e-5,
  overlap: false,
};

test('of each the better one counts', () => {
  const slow = { ...SOME, exponentials: 1e8, writes: 1e8, draw: 9e-5 };
  const other = { ...SOME, multiplyAdds: 1e9, fetches: 1e8, halfFetches: 1e8 };
  assert.equal(betterLimits(slow, other), SOME);
  assert.equal(betterLimits(other, slow), SOME);
});

test('before and after what is judged by them', async () => {
  const driver = possibleDrivers().includes('llvmpipe') ? 'llvmpipe' : 'swiftshader';
  const asked = { sections: ['limits', 'operations'], only: ['conv 1x1 96'], contenders: [], repeats: 1 };
  const told: (Limits | string)[] = [];
  const { result } = await measureOn(driver, await benchmarkFiles(), asked, 10, {
    onStatus() {},
    onLimits({ limits, limitsFailure }) {
      told.push(limits ?? limitsFailure!);
    },
    onCase(_, { name }) {
      told.push(name);
    },
  });
  const [first, name, second] = told;
  assert.is(told.length, 3);
  assert.is(name, 'conv 1x1 96->96');
  assert.equal(second, result.limits);
  assert.equal(betterLimits(first as Limits, second as Limits), second);
});

test.run();
