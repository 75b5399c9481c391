import { suite } from 'uvu';
import { add, gelu, multiply, silu, softplus } from '../../src/ops/elementwise.ts';
import * as activations from '../reference/activations.ts';
import { type Array4, add as added, array4, multiply as multiplied, normal, type Shape4 } from '../reference/array.ts';
import { check, type Operation, reportWorst } from '../support/engine.ts';
import { fixture, fixtureArray } from '../support/fixtures.ts';

const TOLERANCE = 1e-5;

const test = suite('elementwise');

test.after(() => reportWorst('elementwise'));

const unary: [name: string, operation: Operation, reference: (x: Array4) => Array4][] = [
  ['silu', silu, activations.silu],
  ['gelu', gelu, activations.gelu],
  ['softplus', softplus, activations.softplus],
];
const binary: [name: string, operation: Operation, reference: (x: Array4, y: Array4) => Array4][] = [
  ['add', add, added],
  ['multiply', multiply, multiplied],
];

const shapes: Shape4[] = [
  [1, 1, 1, 1],
  [2, 3, 7, 9],
  [2, 22, 13, 5],
  [1, 5, 17, 33],
];

for (const [name, operation, reference] of unary) {
  test(name, async () => {
    for (const shape of shapes) {
      const x = normal(shape, 1, 0, 5);
      await check(`${name} ${shape}`, [x], operation, reference(x), TOLERANCE);
    }
    const ops = await fixture('ops.safetensors');
    const wanted = fixtureArray(ops, `activations.${name}`);
    await check(`PyTorch's ${name}`, [fixtureArray(ops, 'activations.input')], operation, wanted, TOLERANCE);
  });

  test(`${name} of large numbers`, async () => {
    const x = array4([-3e38, -1000, -100, 0, 100, 1000], [1, 1, 1, 6]);
    await check(name, [x], operation, reference(x), TOLERANCE);
  });
}

for (const [name, operation, reference] of binary) {
  test(name, async () => {
    for (const shape of shapes) {
      const [x, y] = [normal(shape, 1), normal(shape, 2)];
      await check(`${name} ${shape}`, [x, y], operation, reference(x, y), TOLERANCE);
    }
  });

  test(`${name} a tensor to itself`, async () => {
    const x = normal([2, 5, 7, 9], 1);
    await check(name, [x], (engine, t) => operation(engine, t, t), reference(x, x), TOLERANCE);
  });
}

test.run();
