/** Packing weights into textures: what is told on the way, and that nothing is left where it does not end. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { inMemory } from '../../src/model/bytes.ts';
import { Network } from '../../src/model/network.ts';
import { readSafetensors } from '../../src/model/safetensors.ts';
import { createEngine } from '../../src/tensor/engine.ts';
import { DeviceError, InputError } from '../../src/tensor/errors.ts';
import { fixtureCheckpoint } from '../support/checkpoint.ts';
import { counted } from '../support/counted.ts';
import { leakFree, sharedEngine } from '../support/engine.ts';
import { fixtureBytes } from '../support/fixtures.ts';
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

test('the values of a module are read when it is packed, and once', async () => {
  const engine = await sharedEngine();
  const { file, taken } = counted(new Uint8Array(await fixtureBytes('derain.weights.safetensors')));
  const checkpoint = await readSafetensors(file);
  const header = taken();
  const values = file.length - header;
  const network = await Network.pack(engine, checkpoint, {
    onFraction: (fraction) => assert.is(taken() - header, Math.round(fraction * values)),
  });
  network.dispose();
  assert.is(taken(), file.length);
});

test('a file that cannot be read to its end, and an abort or a lost context while it is read, leave nothing', async () => {
  const engine = await createEngine();
  const bytes = inMemory(new Uint8Array(await fixtureBytes('derain.weights.safetensors')));
  for (const [kind, message, happens] of [
    [
      InputError,
      /it was changed/,
      () => {
        throw new InputError('it was changed');
      },
    ],
    [RangeError, /enough/, (controller) => controller.abort(new RangeError('enough'))],
    [DeviceError, /context was lost/, () => engine.lifetime.end()],
  ] as [new () => Error, RegExp, (controller: AbortController) => void][]) {
    const controller = new AbortController();
    let left = 60; // some modules
    let packed = 0;
    let expected = 0;
    const checkpoint = await readSafetensors({
      ...bytes,
      read: async (begin, end) => {
        if (--left === 0) {
          expected = packed;
          happens(controller);
        }
        return bytes.read(begin, end);
      },
    });
    const { signal } = controller;
    const network = Network.pack(engine, checkpoint, { signal, onFraction: () => packed++ });
    await rejectsWith(network, kind, message);
    assert.ok(packed > 0);
    assert.is(packed, expected, 'modules that are packed');
    if (kind !== DeviceError) assert.is(engine.memory.fixed, 0); // what is lost is not counted down
  }
  engine.dispose();
});

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
});

test.run();
