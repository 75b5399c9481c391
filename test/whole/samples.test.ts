/** The bundled weights on the bundled samples: the quality of their card, and how near to it half storage comes. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { load } from '../../src/index.ts';
import { type Bundled, bundledModel, degraded, urlOf } from '../support/models.ts';
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
    const restored = await (await bundledModel(weights)).restore(await degraded(weights, sample));
    const truth = await pixelsOf(`/samples/${sample}.clean.png`);
    assert.equal([restored.width, restored.height], [truth.width, truth.height]);
    const found = psnr(restored.data, truth.data);
    assert.ok(Math.abs(found - card) <= 0.05, `${found.toFixed(3)} dB`);
  });
}

/** In dB from float32: near it, and not float32 under another name, which would be infinitely near. */
const HALF = { least: 45, most: 75 };

/** What is restored of a sample: x, y, width and height of that which comes out as the 128 x 128 pixels in its middle. */
const MIDDLE: Record<Bundled, [x: number, y: number, width: number, height: number]> = {
  derain: [96, 64, 128, 128],
  sr: [24, 16, 32, 32],
};

for (const weights of ['derain', 'sr'] as const) {
  test(`bundled ${weights} in half storage is within ${HALF.least} dB of float32 in the middle of cat and cup`, async () => {
    const whole = await bundledModel(weights);
    using half = await load(urlOf(weights), { precision: 'f16' });
    for (const sample of ['cat', 'cup'] as const) {
      const part = await createImageBitmap(await degraded(weights, sample), ...MIDDLE[weights]);
      const found = psnr((await half.restore(part)).data, (await whole.restore(part)).data);
      console.log(`${weights} in half storage: ${found.toFixed(1)} dB from float32 on ${sample}`);
      assert.ok(found >= HALF.least && found <= HALF.most, `${sample}: ${found.toFixed(2)} dB`);
    }
  });
}

test.run();
