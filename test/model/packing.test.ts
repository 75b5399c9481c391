/** Packing weights into textures: what is told on the way, and that nothing is left where it does not end. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Network } from '../../src/model/network.ts';
import { createEngine } from '../../src/tensor/engine.ts';
import { DeviceError } from '../../src/tensor/errors.ts';
import { fixtureCheckpoint } from '../support/checkpoint.ts';
import { leakFree, sharedEngine } from '../support/engine.ts';
import { rejectsWith } from '../support/rejection.ts';

const test = suite('packing');

for (const name of ['derain', 'derain33', 'sr', 'realsr', 'dualpixel']) {
  test(`${name}: every parameter is counted once`, async () => {
    const engine = await sharedEngine();
    await leakFree(engine, async () => {
      const fractions: number[] = [];
      const network = await Network.pack(engine, await fixtureCheckpoint(`${name}.weights.safetensors`), {
        onFraction: (fraction) => fractions.push(fraction),
      });
      network.dispose();
      assert.ok(fractions.length > 10, fractions.join(' '));
      assert.ok(
        fractions.every((f, i) => f > (fractions[i - 1] ?? 0)),
        fractions.join(' '),
      );
      assert.is(fractions.at(-1), 1);
    });
  });
}

test('an abort rejects with its reason, an error of the listener as it is, and nothing is left', async () => {
  const engine = await sharedEngine();
  const checkpoint = await fixtureCheckpoint('derain.weights.safetensors');
  const controller = new AbortController();
  const seen: number[] = [];
  for (const [onFraction, message] of [
    [() => controller.abort(new RangeError('enough')), /enough/],
    [
      () => {
        throw new RangeError('of the listener');
      },
      /of the listener/,
    ],
  ] as const) {
    const { signal } = seen.length === 0 ? controller : new AbortController();
    seen.length = 0;
    await leakFree(engine, () =>
      rejectsWith(
        Network.pack(engine, checkpoint, {
          signal,
          onFraction: (fraction) => {
            assert.ok(engine.memory.fixed > 0);
            seen.push(fraction);
            if (seen.length === 5) onFraction();
          },
        }),
        RangeError,
        message,
      ),
    );
    assert.is(seen.length, 5, 'nothing is packed any more');
  }
});

test('a context that is lost and back between two modules', async () => {
  const engine = await createEngine();
  const packed = Network.pack(engine, await fixtureCheckpoint('derain.weights.safetensors'), {
    onFraction: () => engine.lifetime.end(),
  });
  await rejectsWith(packed, DeviceError, /context was lost/);
  engine.dispose();
  engine.gl.getExtension('WEBGL_lose_context')?.loseContext();
});

test.run();
