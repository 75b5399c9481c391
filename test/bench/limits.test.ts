/** The probes run on every device, and what they find hangs together. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { limitsOf, measureLimits, type ProbeTimes, shorterTimes } from '../../bench/limits/limits.ts';
import { leakFree, sharedEngine } from '../support/engine.ts';

const test = suite('limits');

test('of this device', async () => {
  const engine = await sharedEngine();
  const { limits, times } = await leakFree(
    engine,
    () => measureLimits(engine.gl, { attachments: engine.format.attachments }, { longEnough: 10 }), // in a hurry
  );
  const { overlap, ...rates } = limits;
  for (const [name, rate] of Object.entries(rates)) assert.ok(rate > 0 && Number.isFinite(rate), `${name}: ${rate}`);
  assert.type(overlap, 'boolean');
  // True of every device there is: these are orders of magnitude apart.
  assert.ok(limits.multiplyAdds > limits.exponentials, 'exponentials take longer than multiply-adds');
  assert.ok(limits.multiplyAdds > limits.fetches, 'fetches take longer than multiply-adds');
  assert.ok(limits.draw > 1e-7 && limits.draw < 1e-2, `a draw takes ${limits.draw} s`);
  assert.is(engine.gl.getError(), engine.gl.NO_ERROR);
  // With one more measurement, in which arithmetic was faster and all else slower.
  const other = { ...times, multiplyAdd: 0, exponential: 1e9, fetch: 1e9, write: 1e9, draw: 1e9, both: 1e9 };
  assert.equal(shorterTimes(times, other), { ...times, multiplyAdd: 0 });
  assert.equal(shorterTimes(other, times), { ...times, multiplyAdd: 0 });
});

test('what overlaps in the better of two measurements does so by the times of both', () => {
  const probes = { multiplyAdd: 1, exponential: 1, fetch: 4, write: 1, draw: 1, steps: 16 };
  const quiet: ProbeTimes = { ...probes, both: 4.2 };
  assert.is(limitsOf(quiet, 1).overlap, true);
  // A slow second half of the second measurement: by itself its times seem to add up.
  const disturbed: ProbeTimes = { ...probes, both: 9 };
  assert.is(limitsOf(disturbed, 1).overlap, false);
  assert.is(limitsOf(shorterTimes(quiet, disturbed), 1).overlap, true);
  assert.is(limitsOf(shorterTimes(disturbed, quiet), 1).overlap, true);
});

test.run();
