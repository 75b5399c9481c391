import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { burstFor, leadInAfter, Predictor, repeatsFor, verdictOn } from '../../bench/plan.ts';

const test = suite('plan');

test('what takes long runs less often: three times up to 2.5 s, then once', () => {
  const counts = [1, 200, 300, 800, 2400, 2600, 60_000].map((milliseconds) => repeatsFor(milliseconds, 9));
  assert.equal(counts, [9, 9, 8, 3, 3, 1, 1]);
  assert.is(repeatsFor(100, 2), 2, 'never more than was asked for');
});

test('what is short runs in bursts of 20 ms', () => {
  assert.equal([0.01, 1, 7, 20, 500].map(burstFor), [64, 20, 2, 1, 1]);
});

test('a graphics card that had nothing to do works before it is timed, unless one run is long', () => {
  assert.is(leadInAfter(Number.POSITIVE_INFINITY, 20), 500);
  assert.equal(
    [0, 50, 51, 1000].map((idle) => leadInAfter(idle, 20)),
    [0, 0, 500, 500],
  );
  assert.equal(
    [500, 4999, 5000].map((milliseconds) => leadInAfter(1000, milliseconds)),
    [500, 500, 0],
  );
});

test('what is predicted to take above 30 s runs once, above 120 s not at all', () => {
  assert.equal([undefined, 30_000, 30_001, 120_000, 120_001].map(verdictOn), ['run', 'run', 'once', 'once', 'never']);
});

test('predictions are in proportion to the work, of the same contender going the same way', () => {
  const predictor = new Predictor();
  predictor.learn('network', 'tfjs webgl', 'tuned', 1e9, 4000);
  assert.is(predictor.predict('network', 'tfjs webgl', 'tuned', 4e9), 16_000);
  assert.is(predictor.predict('network', 'tfjs webgl', 'composed', 4e9), undefined);
  assert.is(predictor.predict('network', 'tfjs wasm', 'tuned', 4e9), undefined);
});

test.run();
