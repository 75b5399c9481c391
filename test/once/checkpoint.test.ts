/** Reading checkpoints: types, configs, and a sentence for everything that can be wrong with one. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { inMemory } from '../../src/model/bytes.ts';
import type { Checkpoint } from '../../src/model/checkpoint.ts';
import { parameterCount, parameterShapes, readConfig } from '../../src/model/config.ts';
import { Network } from '../../src/model/network.ts';
import { readSafetensors } from '../../src/model/safetensors.ts';
import { InputError } from '../../src/tensor/errors.ts';
import { PUBLISHED, type VariantName } from '../reference/variants.ts';
import { checkpointOf, fixtureCheckpoint } from '../support/checkpoint.ts';
import { sharedEngine } from '../support/engine.ts';
import { fixture, fixtureBytes, fixtureConfig } from '../support/fixtures.ts';
import { hashedWeights } from '../support/hash.ts';
import { parameterShapes as referenceShapes } from '../support/parameters.ts';
import { refused } from '../support/refused.ts';
import { rejectsWith } from '../support/rejection.ts';
import type { Tensor } from '../support/safetensors.ts';

const test = suite('checkpoint');

const read = (bytes: Uint8Array): Promise<Checkpoint> => readSafetensors(inMemory(bytes));

/** A safetensors file with any header and data. */
function file(header: unknown, data: Uint8Array = new Uint8Array(0)): Uint8Array {
  const head = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + head.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(head.length), true);
  bytes.set(head, 8);
  bytes.set(data, 8 + head.length);
  return bytes;
}

test('F32, F16 and BF16 are read, at unaligned offsets too', async () => {
  const data = new Uint8Array([0, 0x3e, 0x01, 0x80, 0, 0, 0xc0, 0x3f, 0x80, 0xbf, 0x20, 0x41]);
  const header = JSON.stringify({
    float: { dtype: 'F32', shape: [1], data_offsets: [4, 8] },
    half: { dtype: 'F16', shape: [2], data_offsets: [0, 4] },
    brain: { dtype: 'BF16', shape: [1, 2], data_offsets: [8, 12] },
  });
  for (const spaces of [0, 1, 2, 3]) {
    const checkpoint = await read(file(header + ' '.repeat(spaces), data));
    assert.equal([...(await checkpoint.values('float'))], [1.5]);
    assert.equal([...(await checkpoint.values('half'))], [1.5, -(2 ** -24)]);
    assert.equal([...(await checkpoint.values('brain'))], [-1, 10]);
    assert.equal(checkpoint.shape('brain'), [1, 2]);
  }
});

test("'module.' is dropped and metadata is no tensor", async () => {
  const header = {
    __metadata__: { format: 'pt' },
    'module.a.weight': { dtype: 'F16', shape: [0], data_offsets: [0, 0] },
  };
  assert.equal((await read(file(header))).names, ['a.weight']);
});

test('broken files get their sentence', async () => {
  const entry = { dtype: 'F32', shape: [2], data_offsets: [0, 8] };
  const data = new Uint8Array(8);
  await refused(() => read(new Uint8Array(5)), /5 bytes in all/);
  await refused(() => read(new TextEncoder().encode('<!doctype html><html></html>')), /no safetensors file/);
  await refused(() => read(file('{"a": ')), /header is no JSON object/);
  await refused(() => read(file('[1]')), /header is no JSON object/);
  await refused(() => read(file({})), /holds no tensors/);
  await refused(() => read(file({ a: null }, data)), /nothing usable of a: null/);
  await refused(() => read(file({ a: { ...entry, shape: [-2] } }, data)), /nothing usable of a/);
  await refused(() => read(file({ a: { ...entry, data_offsets: [0] } }, data)), /nothing usable of a/);
  await refused(() => read(file({ a: { ...entry, dtype: 'I64' } }, data)), /a has the type I64; F32, F16 and BF16/);
  await refused(() => read(file({ a: { ...entry, shape: [3] } }, data)), /a of shape \[3\] takes 12 bytes, not 8/);
  await refused(
    () => read(file({ a: { ...entry, data_offsets: [4, 12] } }, data)),
    /truncated: a ends at byte 12 of its data, which has 8/,
  );
});

test("bytes that are no tensor's, or two tensors', make a file corrupt", async () => {
  const pair = (a: [number, number], b: [number, number], length: number): Uint8Array => {
    const entry = (data_offsets: [number, number]) => ({ dtype: 'F16', shape: [4], data_offsets });
    return file({ b: entry(b), a: entry(a) }, new Uint8Array(length));
  };
  assert.equal((await read(pair([0, 8], [8, 16], 16))).names, ['b', 'a']);
  for (const [a, b, length, sentence] of [
    [[0, 8], [4, 12], 12, 'b begins at byte 4 of its data, not at byte 8, where a ends'],
    [[0, 8], [0, 8], 8, 'a begins at byte 0 of its data, not at byte 8, where b ends'],
    [[0, 8], [6, 14], 16, 'b begins at byte 6 of its data, not at byte 8, where a ends'],
    [[0, 8], [10, 18], 18, 'b begins at byte 10 of its data, not at byte 8, where a ends'],
    [[2, 10], [10, 18], 18, 'a begins at byte 2 of its data, not at byte 0, where the data begins'],
    [[0, 8], [8, 16], 18, 'its data has 18 bytes, but its tensors end at byte 16'],
  ] as [[number, number], [number, number], number, string][]) {
    await refused(() => read(pair(a, b, length)), new RegExp(`^The safetensors file is corrupt: ${sentence}\\.$`));
  }
  await refused(() => read(file({ __metadata__: {} }, new Uint8Array(1))), /has 1 bytes, but its tensors end at/);
});

test('tensors without elements lie between others, or where the data ends', async () => {
  const entry = (shape: number[], begin: number) => ({
    dtype: 'F16',
    shape,
    data_offsets: [begin, begin + 2 * shape.reduce((a, b) => a * b, 1)],
  });
  const header = {
    last: entry([0], 4),
    b: entry([1], 2),
    empty: entry([3, 0], 2),
    a: entry([1], 0),
    first: entry([0], 0),
  };
  const checkpoint = await read(file(header, new Uint8Array([0, 0x3c, 0, 0x40])));
  assert.equal([...(await checkpoint.values('a')), ...(await checkpoint.values('b'))], [1, 2]);
  for (const name of ['first', 'empty', 'last']) assert.is((await checkpoint.values(name)).length, 0);
  await refused(() => read(file({ ...header, empty: entry([0], 1) }, new Uint8Array(4))), /empty begins at byte 1/);
});

test('a name that comes with and without module., and a header that nests without end, get their sentence', async () => {
  const entry = { dtype: 'F16', shape: [0], data_offsets: [0, 0] };
  await refused(() => read(file({ 'a.b': entry, 'module.a.b': entry })), /a\.b twice/);
  const deep = `${'['.repeat(1e5)}${']'.repeat(1e5)}`;
  await refused(() => read(file(`{"a": {"shape": ${deep}}}`)), /nothing usable of a/);
  await refused(() => read(file(`{"a": {"dtype": ${deep}}}`)), /nothing usable of a/);
});

test('a checkpoint cut anywhere is refused', async () => {
  const bytes = new Uint8Array(await fixtureBytes('derain.weights.safetensors'));
  for (const length of [0, 7, 8, 100, bytes.length - 1])
    await refused(() => read(bytes.subarray(0, length)), /bytes|truncated/);
});

for (const name of ['derain', 'derain33', 'sr', 'realsr', 'dualpixel']) {
  test(`the config of ${name} is read off names and shapes`, async () => {
    const expected = await fixtureConfig(`${name}.weights.safetensors`);
    const config = readConfig(await fixtureCheckpoint(`${name}.weights.safetensors`));
    for (const key of [
      'variant',
      'inChannels',
      'outChannels',
      'dim',
      'blocks',
      'refinement',
      'bias',
      'normBias',
      'dualPixel',
    ] as const) {
      assert.equal(config[key], expected[key], key);
    }
    assert.equal(
      config.hidden,
      [1, 2, 4, 8].map((k) => Math.trunc(k * expected.dim * expected.expansion)),
    );
  });
}

for (const [name, millions] of [
  ['derain', '28.71'],
  ['derain33', '28.70'],
  ['sr', '12.03'],
  ['realsr', '10.50'],
] as [VariantName, string][]) {
  test(`the published ${name} has ${millions} M parameters under the released names`, () => {
    const shapes = referenceShapes(PUBLISHED[name]);
    const config = readConfig(
      checkpointOf(new Map([...shapes].map(([key, shape]) => [key, { data: new Float32Array(0), shape: [...shape] }]))),
    );
    assert.is((parameterCount(config) / 1e6).toFixed(2), millions);
    const own = parameterShapes(config);
    assert.equal([...own.keys()].sort(), [...shapes.keys()].sort());
    for (const [key, shape] of shapes) assert.equal([...own.get(key)!], [...shape], key);
  });
}

/** The small derain's weights with some of them changed, as a checkpoint. */
async function changed(change: (tensors: Map<string, Tensor>) => void): Promise<Checkpoint> {
  const tensors = new Map(await fixture('derain.weights.safetensors'));
  change(tensors);
  return checkpointOf(tensors);
}

test('checkpoints that do not fit are refused with what does not match, and nothing is left on the GPU', async () => {
  const engine = await sharedEngine();
  const { fixed } = engine.memory;
  const gone = 'decoder_level2.0.ffn.dwconv.weight';
  const shape = 'latent.0.attn.A_logs';
  const packed = async (change: (tensors: Map<string, Tensor>) => void): Promise<Network> => {
    const checkpoint = await changed(change);
    return Network.pack(engine, checkpoint);
  };
  await rejectsWith(
    packed((t) => t.delete(gone)),
    InputError,
    new RegExp(`${gone} is missing`),
  );
  await rejectsWith(
    packed((t) => t.set(shape, { ...t.get(shape)!, shape: [16, 256] })),
    InputError,
    new RegExp(`${shape} has the shape \\[16, 256\\], not \\[256, 16\\]`),
  );
  await rejectsWith(
    packed((t) => t.set('fc.weight', t.get(gone)!)),
    InputError,
    /fc\.weight is unknown/,
  );
  await rejectsWith(
    packed((t) => {
      for (const key of [...t.keys()]) if (key.startsWith('refinement')) t.delete(key);
    }),
    InputError,
    /not of a VmambaIR network: it has no refinement/,
  );
  // A name that asks for more blocks than anybody could wait for.
  await rejectsWith(
    packed((t) => t.set(`latent.${10 ** 15}.x`, t.get(gone)!)),
    InputError,
    /259 parameters cannot be those of 1000000000000001 blocks in latent/,
  );
  await rejectsWith(
    packed((t) => t.set('latent.1e9.x', t.get(gone)!)),
    InputError,
    /latent\.1e9\.x is unknown/,
  );
  const other = await fixture('ops.safetensors');
  await rejectsWith(
    Network.pack(engine, checkpointOf(other)),
    InputError,
    /not of a VmambaIR network: it has no patch_embed\.proj\.weight/,
  );
  assert.is(engine.memory.fixed, fixed);
});

test('weights that are not finite are refused by name', async () => {
  const engine = await sharedEngine();
  const { fixed } = engine.memory;
  const name = 'refinement.0.attn.out_conv.weight';
  for (const [value, word] of [
    [Number.NaN, 'NaN'],
    [Number.NEGATIVE_INFINITY, '-Infinity'],
  ] as const) {
    const checkpoint = await changed((t) => {
      const data = t.get(name)!.data.slice();
      data[7] = value;
      t.set(name, { ...t.get(name)!, data });
    });
    await rejectsWith(Network.pack(engine, checkpoint), InputError, new RegExp(`${name} holds ${word} at element 7`));
  }
  assert.is(engine.memory.fixed, fixed);
});

test('hashed weights make a checkpoint that loads', async () => {
  const engine = await sharedEngine();
  const config = { ...PUBLISHED.sr, dim: 8, blocks: [1, 1, 1, 1] as [number, number, number, number], refinement: 1 };
  const network = await Network.pack(engine, checkpointOf(hashedWeights(referenceShapes(config))));
  assert.is(network.scale, 4);
  network.dispose();
});

test.run();
