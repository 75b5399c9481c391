/** The activations one value at a time: where they are small they feed the scan's steps, and a norm over a whole tensor hides them. */
import { suite } from 'uvu';
import { gelu, silu, softplus } from '../../src/ops/elementwise.ts';
import * as reference from '../reference/activations.ts';
import { type Array4, generate } from '../reference/array.ts';
import { type Operation, operate } from '../support/engine.ts';

const test = suite('activations, value by value');

const RELATIVE = 2e-6;
/**
 * Below this a value is a rounding error of what it is added to (inputs of a layer are about 1). It leaves out gelu below -5.1 and
 * the surroundings of silu(0) and gelu(0) only; softplus is 6e-6 at -12.
 */
const TINY = 1e-6;

/** From -12 to 12, in uneven steps of about 1e-3, with all bits of the mantissa in use: squares of short numbers do not round. */
const dense = generate([1, 4, 6, 1001], (_n, c, y, x) => Math.fround(-12 + ((c * 6 + y) * 1001 + x) / 1001));

const cases: [name: string, operation: Operation, expected: Array4][] = [
  ['silu', silu, reference.silu(dense)],
  ['gelu', gelu, reference.gelu(dense)],
  ['softplus', softplus, reference.softplus(dense)],
];

for (const [name, operation, expected] of cases) {
  test(name, async () => {
    const { data } = await operate([dense], operation);
    let worst = 0;
    let place = 0;
    expected.data.forEach((value, i) => {
      const relative = Math.abs(value) > TINY ? Math.abs(data[i] / value - 1) : 0;
      if (!(relative <= worst)) [worst, place] = [relative, i];
    });
    const report = `${name}: worst relative error ${worst.toExponential(1)}, at ${dense.data[place]}`;
    if (!(worst <= RELATIVE)) throw new Error(report);
    console.log(report);
  });
}

test.run();
