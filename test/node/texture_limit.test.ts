/** Pictures for which the texture size that every device offers is what decides: tests on a device have smaller ones. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Model } from '../../src/restore/model.ts';
import { rehearse } from '../../src/restore/rehearse.ts';
import type { Attachments } from '../../src/tensor/device.ts';
import type { Engine } from '../../src/tensor/engine.ts';
import { SizeError } from '../../src/tensor/errors.ts';
import type { Format } from '../../src/tensor/recorder.ts';
import type { VariantName } from '../reference/variants.ts';
import { publishedNetwork } from '../support/rehearsed.ts';
import { rejection } from '../support/rejection.ts';

const test = suite('texture limit');

const LIMIT = 2048;

const format = (attachments: Attachments, maxTextureSize = LIMIT): Format => ({
  attachments,
  precision: 'f32',
  maxTextureSize,
});

/** The longest side of a texture that the network makes of a square picture. @throws SizeError when it cannot be made. */
async function longest(name: VariantName, side: number, format: Format): Promise<number> {
  const { memoryPlan } = await rehearse(await publishedNetwork(name), format, side, side);
  return Math.max(...memoryPlan.textures.flatMap(({ width, height }) => [width, height]));
}

for (const [name, attachments, side] of [
  ['derain', 8, 768],
  ['derain', 4, 512],
  ['derain', 1, 256],
  ['sr', 8, 512],
  ['sr', 4, 256],
] as const) {
  test(`the published ${name} is laid out within ${LIMIT}, attachments: ${attachments}, ${side} x ${side}`, async () => {
    const unlimited = await longest(name, side, format(attachments, 16384));
    assert.ok(unlimited > LIMIT, `${unlimited} without the limit`);
    const limited = await longest(name, side, format(attachments));
    assert.ok(limited <= LIMIT, `${limited}`);
  });
}

for (const [name, attachments, side] of [
  ['derain', 1, 512],
  ['sr', 1, 256],
] as const) {
  test(`the published ${name} names what fits ${LIMIT}, attachments: ${attachments}, ${side} x ${side}`, async () => {
    assert.ok((await longest(name, side, format(attachments, 16384))) > LIMIT);
    // Of an engine a plan takes nothing else.
    const engine = { format: format(attachments), memoryLimit: Number.POSITIVE_INFINITY } as Engine;
    const model = new Model(engine, await publishedNetwork(name), new Blob(), { load: 0, compile: 0 }, false);
    const error = await rejection(model.plan(side, side));
    assert.instance(error, SizeError);
    const [, width, height] = /too large for this device and network; (\d+) x (\d+) fits/.exec(error.message)!;
    assert.is(width, height);
    const fitting = Number(width);
    assert.ok((await longest(name, fitting, format(attachments))) <= LIMIT);
    // It is found to 1/64, and sides are multiples of 8.
    assert.instance(await rejection(longest(name, fitting + 8, format(attachments))), SizeError);
    console.log(`published ${name}: ${fitting} x ${fitting} fits ${LIMIT}, attachments: ${attachments}`);
  });
}

test.run();
