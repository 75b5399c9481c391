/** What a model tells of a run before it starts. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { load, type Model } from '../../src/index.ts';
import { createEngine } from '../../src/tensor/engine.ts';
import { bundledModel } from '../support/models.ts';
import { gradient } from '../support/pictures.ts';

const test = suite('plans');

const derain = (): Promise<Model> => bundledModel('derain');

// With all attachments once and with fewer else: their kernels are compiled sooner.
for (const [weights, precision, attachments] of [
  ['derain', 'f32', undefined],
  ['derain', 'f16', 4],
  ['sr', 'f32', 1],
  ['sr', 'f16', 1],
  ['realsr', 'f32', 1],
  ['realsr', 'f16', 1],
  ['dualpixel', 'f32', 1],
] as const) {
  test(`a plan tells the bytes of a run to the byte: ${weights}, ${precision}, ${attachments ?? 'all'} attachments`, async () => {
    const engine = await createEngine(undefined, { precision, attachments });
    using model = await load(`/fixtures/${weights}.weights.safetensors`, { engine });
    const plan = await model.plan(40, 24);
    const picture = gradient(40, 24);
    await model.restore(weights === 'dualpixel' ? [picture, gradient(40, 24, 3)] : picture);
    assert.is(engine.memory.peak, plan.bytes);
    engine.dispose();
  });
}

test('the bundled network takes few draws: each costs as much as thousands of fetches', async () => {
  const model = await derain();
  for (const [side, most] of [
    [64, 361],
    [128, 395],
    [256, 645],
  ]) {
    const { draws } = await model.plan(side, side);
    assert.ok(draws <= most, `${draws} draws at ${side} x ${side}`);
  }
});

test('what a size takes stays the same after others', async () => {
  const model = await derain();
  const first = await model.plan(40, 24);
  const turned = await model.plan(24, 40);
  assert.equal(await model.plan(40, 24), first);
  assert.equal(await model.plan(24, 40), turned);
});

test.run();
