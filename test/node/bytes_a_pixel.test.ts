/** What the published networks take, in the parts that they choose by themselves: tests on a device have pictures too small for that. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { roomFor } from '../../src/model/room.ts';
import { rehearse } from '../../src/restore/rehearse.ts';
import type { Precision } from '../../src/tensor/layout.ts';
import type { VariantName } from '../reference/variants.ts';
import { publishedNetwork } from '../support/rehearsed.ts';

const test = suite('bytes a pixel');

const format = (precision: Precision) => ({ attachments: 8, precision, maxTextureSize: 8192 }) as const;

for (const [name, most] of [
  ['derain', { f32: 3000, f16: 2000 }],
  ['sr', { f32: 4700, f16: 2750 }],
  ['realsr', { f32: 4700, f16: 2750 }],
] as [VariantName, Record<Precision, number>][]) {
  test(`the published ${name} takes at most ${most.f32} from 64 x 64 on, ${most.f16} in half storage`, async () => {
    const network = await publishedNetwork(name);
    for (const precision of ['f32', 'f16'] as const) {
      const taken: string[] = [];
      for (const side of [64, 96, 128, 200, 256, 512]) {
        const { memoryPlan } = await rehearse(network, format(precision), side, side);
        const bytes = memoryPlan.bytes / side ** 2;
        taken.push(bytes.toFixed(0));
        assert.ok(bytes <= most[precision], `${bytes} at ${side} x ${side} in ${precision}`);
      }
      console.log(`published ${name}: ${taken.join(', ')} of ${most[precision]} bytes a pixel in ${precision}`);
    }
  });
}

test('parts have room within 0.5 MB, or 2 where the output is larger, and 32 MB, and where 3 KB a pixel leave none their share', () => {
  const MB = 2 ** 20;
  const room = (precision: Precision, ...[n, c, side, scale]: [number, number, number, number?]): number =>
    roomFor(format(precision), [n, c, side, side], scale);
  assert.is(room('f32', 1, 96, 16), MB / 2);
  assert.is(room('f32', 1, 96, 16, 4), 2 * MB);
  assert.is(room('f32', 1, 32, 96), 96 * 96 * (3072 - 6 * 32 * 4));
  assert.is(room('f32', 2, 32, 64), 2 * room('f32', 1, 32, 64));
  assert.is(room('f16', 1, 32, 96), 96 * 96 * (2048 - 6 * 32 * 2));
  assert.is(room('f32', 1, 32, 512), 1.5 * 512 * 512 * 32 * 4);
  assert.is(room('f32', 1, 32, 160), 32 * MB);
  assert.is(room('f32', 1, 200, 128), 1.5 * 128 * 128 * 200 * 4);
});

test('at 32 x 32 the published derain takes at most 3000 too, in fewer draws than larger pictures', async () => {
  const { memoryPlan, draws } = await rehearse(await publishedNetwork('derain'), format('f32'), 32, 32);
  const bytes = memoryPlan.bytes / 32 ** 2;
  assert.ok(bytes <= 3000, `${bytes} bytes a pixel`);
  assert.ok(draws <= 2000, `${draws} draws`);
});

test.run();
