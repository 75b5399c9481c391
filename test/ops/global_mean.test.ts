import { suite } from 'uvu';
import { globalMean } from '../../src/ops/global_mean.ts';
import { normal } from '../reference/array.ts';
import { globalMean as reference } from '../reference/global_mean.ts';
import { check, reportWorst } from '../support/engine.ts';

const TOLERANCE = 1e-5;

const test = suite('global mean');

test.after(() => reportWorst('global mean'));

for (const [h, w] of [
  [1, 1],
  [7, 9],
  [8, 8],
  [13, 5],
  [17, 33],
  [100, 37],
  [1, 513],
]) {
  test(`${w} x ${h} pixels`, async () => {
    for (const [batch, c] of [
      [1, 1],
      [2, 5],
      [1, 22],
    ]) {
      // Not around zero: there, what is left of the sum would be compared with rounding.
      const x = normal([batch, c, h, w], 1, 1, 3);
      await check(`${batch} x ${c} channels`, [x], globalMean, reference(x), TOLERANCE);
    }
  });
}

test.run();
