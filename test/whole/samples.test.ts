/** The bundled weights on the bundled samples: the quality of their card, and how near to it half storage comes. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { load } from '../../src/index.ts';
import { createEngine, type Engine } from '../../src/tensor/engine.ts';
import { type Bundled, degraded, restoredSample, type Sample, urlOf } from '../support/models.ts';
import { pixelsOf } from '../support/pictures.ts';
import { psnr } from '../support/psnr.ts';

const test = suite('samples');

for (const [weights, sample, card] of [
  ['derain', 'cat', 31.36],
  ['derain', 'cup', 31.55],
  ['sr', 'cat', 29.04],
  ['sr', 'cup', 29.45],
] as const) {
  test(`bundled ${weights} restores ${sample} to the ${card} dB of its card`, async () => {
    const restored = await restoredSample(weights, sample);
    const truth = await pixelsOf(`/samples/${sample}.clean.png`);
    assert.equal([restored.width, restored.height], [truth.width, truth.height]);
    const found = psnr(restored.data, truth.data);
    assert.ok(Math.abs(found - card) <= 0.05, `${found.toFixed(3)} dB`);
  });
}

let engine: Engine;

test.before(async () => {
  engine = await createEngine(undefined, { precision: 'f16' });
});

for (const [weights, samples] of [
  ['derain', ['cat', 'cup']],
  ['sr', ['cat', 'cup']],
] as [Bundled, Sample[]][]) {
  test(`bundled ${weights} is within 45 dB of float32 on ${samples.join(' and ')}`, async () => {
    using model = await load(urlOf(weights), { engine });
    for (const sample of samples) {
      const restored = await model.restore(await degraded(weights, sample));
      const found = psnr(restored.data, (await restoredSample(weights, sample)).data);
      console.log(`${weights} in half storage: ${found.toFixed(1)} dB from float32 on ${sample}`);
      assert.ok(found >= 45, `${sample}: ${found.toFixed(2)} dB`);
    }
  });
}

test.after(() => engine.dispose());

test.run();
