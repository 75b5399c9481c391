/** Checkpoints of PyTorch: real ones bit for bit, layouts of tensors, and a sentence for all that is not read. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { inMemory } from '../../src/model/bytes.ts';
import { Checkpoint } from '../../src/model/checkpoint.ts';
import { readConfig } from '../../src/model/config.ts';
import { crc32 } from '../../src/model/crc32.ts';
import { readPth } from '../../src/model/pth.ts';
import { InputError } from '../../src/tensor/errors.ts';
import { fixtureCheckpoint } from '../support/checkpoint.ts';
import { counted } from '../support/counted.ts';
import { fixtureBytes } from '../support/fixtures.ts';
import { noise } from '../support/hash.ts';
import { Call, Global, opcodes, Persistent, pickle } from '../support/pickle.ts';
import { pickledTensor, pth, type StoredTensor } from '../support/pth.ts';
import { refused } from '../support/refused.ts';
import { withoutChecksums, zip } from '../support/zip.ts';

const test = suite('pth');

const file = async (name: string): Promise<Uint8Array> => new Uint8Array(await fixtureBytes(name));

const read = (bytes: Uint8Array): Promise<Checkpoint> => readPth(inMemory(bytes));

/** The same names in the same order, the same shapes, and the same bits. */
async function assertSame(actual: Checkpoint, expected: Checkpoint): Promise<void> {
  assert.equal(actual.names, expected.names);
  const bits = (values: Float32Array): Uint32Array => new Uint32Array(values.buffer);
  for (const name of expected.names) {
    assert.equal(actual.shape(name), expected.shape(name), name);
    const [found, wanted] = [bits(await actual.values(name)), bits(await expected.values(name))];
    assert.is(found.length, wanted.length, name);
    assert.ok(
      found.every((word, i) => word === wanted[i]),
      `${name} differs`,
    );
  }
}

for (const name of ['derain', 'realsr']) {
  test(`${name}.pth holds bit for bit what the safetensors file holds`, async () => {
    const bytes = await file(`${name}.pth`);
    const checkpoint = await read(bytes);
    const expected = await fixtureCheckpoint(`${name}.weights.safetensors`);
    await assertSame(checkpoint, expected);
    assert.equal(readConfig(checkpoint), readConfig(expected));
    assert.is(checkpoint.dtype('patch_embed.proj.weight'), 'F32');
  });
}

test('the parameters beside the average are others, so that the choice shows', async () => {
  const bytes = withoutChecksums(await file('realsr.pth'));
  // The key of the average, in the pickle, by one letter: what is left is 'params'.
  const text = Array.from(bytes.subarray(0, 2e5), (byte) => String.fromCharCode(byte)).join('');
  bytes[text.indexOf('params_ema') + 7] = 0x45;
  const name = 'patch_embed.proj.weight';
  const [last] = await (await read(bytes)).values(name);
  const [average] = await (await fixtureCheckpoint('realsr.weights.safetensors')).values(name);
  assert.ok(Math.abs(last - average - 0.5) < 1e-6, `${last} and ${average}`);
});

for (const name of [
  'views',
  'types',
  'bare',
  'parallel',
  'parallel_params',
  'state_dict',
  'parameters',
  'protocol4',
  'protocol5',
  'training',
  'average_missing',
]) {
  test(`pth/${name}.pth from PyTorch is read`, async () => {
    const expected = await fixtureCheckpoint('pth/expected.safetensors');
    const checkpoint = await read(await file(`pth/${name}.pth`));
    const prefix = `${name}.`;
    const wanted = expected.names.filter((key) => key.startsWith(prefix));
    assert.ok(wanted.length > 0);
    await assertSame(checkpoint, subset(expected, wanted, prefix));
  });
}

/** Some of a checkpoint's tensors, under their names without a prefix. */
function subset(checkpoint: Checkpoint, names: readonly string[], prefix: string): Checkpoint {
  return new Checkpoint(
    new Map(
      names.map((name) => [
        name.slice(prefix.length),
        {
          dtype: 'F32',
          shape: checkpoint.shape(name),
          read: async () => new Uint8Array((await checkpoint.values(name)).buffer),
        },
      ]),
    ),
  );
}

test('16-bit types stay what they are until they are read', async () => {
  const checkpoint = await read(await file('pth/types.pth'));
  assert.equal(
    ['float', 'half', 'half_turned', 'bfloat16', 'bfloat16_turned'].map((name) => checkpoint.dtype(name)),
    ['F32', 'F16', 'F16', 'BF16', 'BF16'],
  );
});

for (const [name, sentence] of [
  [
    'long',
    /^The checkpoint's steps has the type LongStorage; FloatStorage, HalfStorage, BFloat16Storage can be read\.$/,
  ],
  ['double', /weight has the type DoubleStorage/],
  ['nested', /'model' is a dict of 1, not a tensor; weights are looked for under params_ema, params, state_dict/],
  ['list', /is \[a tensor\], where a dict of tensors is expected/],
  ['whole_model', /asks for torch\.nn\.modules\.container\.Sequential\. .*torch\.save\(model\.state_dict\(\), \.\.\)/],
  ['command', /asks for posix\.system\. .*nothing was run/],
  ['script', /TorchScript program/],
] as const) {
  test(`pth/${name}.pth from PyTorch is refused`, async () => {
    const bytes = await file(`pth/${name}.pth`);
    await refused(() => read(bytes), sentence);
  });
}

const floats = (...values: number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer);
const FOUR = floats(1, 2, 3, 4);

/** A checkpoint of one tensor, 'x', on the storage [1, 2, 3, 4]. */
const one = (tensor: Partial<StoredTensor>, ...rest: [Parameters<typeof pth>[1]?, Parameters<typeof pth>[2]?]) =>
  pth(new Map([['x', { storage: FOUR, shape: [4], ...tensor }]]), ...rest);

test('archives of every kind are read: zip64, any folder or none, little-endian by name', async () => {
  for (const options of [
    {},
    { zip64: true },
    { folder: 'Ein Ordner/der tief liegt/' },
    { folder: '' },
    { byteorder: 'little' },
    { byteorder: 'little\n' },
    { flags: 0x0800 },
    { comment: 'downloaded' },
  ]) {
    assert.equal(
      [...(await (await read(one({}, undefined, options))).values('x'))],
      [1, 2, 3, 4],
      JSON.stringify(options),
    );
  }
});

test('weights are found under params_ema, params, state_dict and on top, in this order', async () => {
  const wrong = new Map([['y', pickledTensor({ storage: FOUR, shape: [4] }, '0')]]);
  for (const keys of [['params_ema', 'params', 'state_dict'], ['params', 'state_dict'], ['state_dict']]) {
    const [right, ...others] = keys;
    const wrap = (weights: unknown) => new Map([...others.map((key) => [key, wrong] as const), [right, weights]]);
    assert.equal((await read(one({}, wrap))).names, ['x']);
  }
  assert.equal((await read(one({}, (weights) => weights))).names, ['x']);
  // A tensor may have such a name too.
  const named = (weights: Map<string, unknown>) => new Map([['params', weights.get('x')]]);
  assert.equal((await read(one({}, named))).names, ['params']);
});

test('tensors lie anywhere in their storage, and are views on the file until they are read', async () => {
  const bytes = one({ shape: [2, 2], strides: [1, 2] });
  assert.equal([...(await (await read(bytes)).values('x'))], [1, 3, 2, 4]);
  assert.equal([...(await (await read(one({ shape: [2], strides: [2], offset: 1 }))).values('x'))], [2, 4]);
  assert.equal([...(await (await read(one({ shape: [2, 3], strides: [1, 0] }))).values('x'))], [1, 1, 1, 2, 2, 2]);
  assert.equal(
    [...(await (await read(one({ shape: [1, 2, 1], strides: [77, 1, 99], offset: 2 }))).values('x'))],
    [3, 4],
  );
  assert.equal([...(await (await read(one({ shape: [], offset: 3 }))).values('x'))], [4]);
  assert.equal((await (await read(one({ shape: [3, 0], strides: [9, 9] }))).values('x')).length, 0);
  assert.equal([...(await (await read(one({ shape: Array(64).fill(1) }))).values('x'))], [1]);
});

test('values are read when they are asked for, no more of them than that, and are not kept', async () => {
  const large = new Uint8Array(400_000);
  const tensors = {
    a: { storage: large, shape: [100_000] },
    b: { storage: FOUR, shape: [2], offset: 1 },
    part: { storage: large, shape: [2], offset: 70_000 },
  };
  const checked = pth(new Map(Object.entries(tensors)), undefined, { crc32 });
  for (const bytes of [checked, withoutChecksums(checked)]) {
    const { file, taken } = counted(bytes);
    const checkpoint = await readPth(file);
    assert.ok(taken() < 70_000, 'the pickle, and the end of the file, where the directory is looked for');
    for (let i = 0; i < 2; i++) {
      const before = taken();
      assert.equal([...(await checkpoint.values('b'))], [2, 3]);
      assert.ok(taken() - before < 200);
      assert.is((await checkpoint.values('a')).length, 100_000);
      assert.is((await checkpoint.values('part')).length, 2); // its storage was checked already
      assert.ok(taken() - before >= 400_000 && taken() - before < 400_500);
    }
  }
});

test('tensors that cannot be get their sentence', async () => {
  for (const [tensor, sentence] of [
    [{ shape: [-1] }, /x has the shape \[-1\], the strides \[1\] and the offset 0, which no tensor has/],
    [{ strides: [-1] }, /the strides \[-1\]/],
    [{ offset: -4 }, /the offset -4/],
    [{ offset: 0.5 }, /the offset 0\.5/],
    [{ offset: 1e300 }, /the offset 1e\+300/],
    [{ offset: null }, /the offset None/],
    [{ shape: [1.5] }, /the shape \[1\.5\]/],
    [{ shape: ['4'], strides: [1] }, /the shape \['4'\]/],
    [{ strides: [] }, /the strides \[\]/],
    [{ strides: [1, 1] }, /the strides \[1, 1\]/],
    [{ shape: Array(65).fill(1) }, /x has 65 axes; a tensor has up to 64/],
    [{ shape: [5] }, /x of shape \[5\] ends at element 5 of archive\/data\/0, which has 4/],
    [{ offset: 1 }, /ends at element 5/],
    [{ strides: [2] }, /ends at element 7/],
    [{ shape: [2 ** 30, 2 ** 30], strides: [2 ** 50, 2 ** 50] }, /ends at element 2\.4\d+e\+24/],
    [{ shape: [2 ** 52], strides: [2 ** 52] }, /ends at element/],
    [
      { shape: [4, 2 ** 40], strides: [1, 0] },
      /tensors up to x have 4398046511104 elements, more than its file has bytes/,
    ],
    [{ shape: Array(64).fill(2 ** 50), strides: Array(64).fill(0) }, /have Infinity elements/],
    [{ length: 5 }, /archive\/data\/0 has 16 bytes; its 5 elements for x take 20/],
    [{ length: 2 ** 52 }, /elements for x take 18014398509481984/],
    [{ length: 3 }, /ends at element 4 of archive\/data\/0, which has 3/],
    [{ length: -1 }, /x lies in a storage that its pickle does not say enough of/],
    [{ type: 'ComplexFloatStorage' }, /x has the type ComplexFloatStorage/],
    [{ type: 'toStringStorage' }, /x has the type toStringStorage/],
  ] as [Partial<StoredTensor>, RegExp][]) {
    await refused(() => read(one(tensor)), sentence);
  }
});

test('many tensors that repeat one element are refused before they take memory', async () => {
  const storage = floats(1);
  const tensors = Array.from({ length: 50 }, (_, i) => [`x${i}`, { storage, shape: [1000], strides: [0] }] as const);
  await refused(
    () => read(pth(new Map(tensors))),
    /tensors up to x\d+ have \d+ elements, more than its file has bytes/,
  );
});

test('values that are not finite are refused by name', async () => {
  const checkpoint = await read(one({ storage: floats(0, 1, Number.NaN), shape: [3] }));
  await refused(() => checkpoint.values('x'), /x holds NaN at element 2/);
  // In the order of the tensor, not of the storage.
  const turned = await read(
    one({ storage: floats(0, 1, Number.POSITIVE_INFINITY, 3), shape: [2, 2], strides: [1, 2] }),
  );
  await refused(() => turned.values('x'), /x holds Infinity at element 1/);
});

test('checkpoints that hold something else get their sentence', async () => {
  const tensor = pickledTensor({ storage: FOUR, shape: [4] }, '0');
  const saved = (value: unknown) => one({}, () => value);
  const rebuild = new Global('torch._utils', '_rebuild_tensor_v2');
  const x = (...args: unknown[]) => saved(new Map([['x', new Call(rebuild, args)]]));
  const storage = (...id: unknown[]) => x(new Persistent(id), 0, [4], [1]);
  const float = new Global('torch', 'FloatStorage');
  for (const [bytes, sentence] of [
    [saved(null), /^The checkpoint is None, where a dict/],
    [saved(tensor), /is a tensor, where a dict/],
    [saved('text'), /is 'text', where a dict/],
    [saved(rebuild), /is a function, where a dict/],
    [saved(float), /is a type of storage, where/],
    [saved(new Map()), /holds no tensors/],
    [saved(new Map([['params', new Map()]])), /holds no tensors/],
    [
      saved(
        new Map<string, unknown>([
          ['x', tensor],
          ['epoch', 3],
        ]),
      ),
      /'epoch' is 3, not a tensor/,
    ],
    [saved(new Map<unknown, unknown>([[7, tensor]])), /checkpoint's 7 is a tensor, but its name is no text/],
    [
      saved(
        new Map([
          ['x', tensor],
          ['module.x', tensor],
        ]),
      ),
      /x twice, with and without 'module\.'/,
    ],
    [saved(new Call(new Global('collections', 'OrderedDict'), [[['x', tensor]]])), /an OrderedDict out of/],
    [saved(new Call(new Global('torch._utils', '_rebuild_parameter'), [3])), /a parameter out of 3/],
    [saved(new Call(new Global('torch._utils', '_rebuild_parameter'), [])), /a parameter out of None/],
    [saved(new Call(new Global('__builtin__', 'eval'), ['1'])), /asks for __builtin__\.eval\./],
    [saved(new Global('torch', 'storage.evil\x07Storage')), /asks for torch\.storage\.evil\?Storage\./],
    [saved(new Global('constructor', 'prototype')), /asks for constructor\.prototype\./],
    [saved(new Global('x'.repeat(5000), 'y')), /asks for x{80}\.\.\. /],
    [saved(new Call(float, [4])), /calls a type of storage/],
    [x(), /x has the shape None/],
    [x(tensor, 0, [4], [1]), /x lies in a tensor that its pickle/],
    [x('0', 0, [4], [1]), /x lies in '0' that its pickle/],
    [storage(), /x lies in a storage that its pickle/],
    [storage('module', float, '0', 'cpu', 4), /does not say enough of/],
    [storage('storage', 'FloatStorage', '0', 'cpu', 4), /does not say enough of/],
    [storage('storage', float, 0, 'cpu', 4), /does not say enough of/],
    [storage('storage', float, '7', 'cpu', 4), /has no archive\/data\/7, where x lies/],
    [storage('storage', float, '../../x\n', 'cpu', 4), /has no archive\/data\/\.\.\/\.\.\/x\?, where x lies/],
    [one({}, undefined, { byteorder: 'big' }), /byte order is 'big'; only 'little'/],
    [one({}, undefined, { method: 8 }), /archive\/data\.pkl is compressed/],
    [zip([]), /no PyTorch checkpoint: it has no data\.pkl\. It is empty\./],
    [
      zip([
        ['a.txt', FOUR],
        ['b\n', FOUR],
      ]),
      /it has no data\.pkl\. It begins with a\.txt, b\?\./,
    ],
    [zip([['a/data.pkl', new Uint8Array(2 ** 21 + 1)]]), /pickle has 2097153 bytes, far more than weights need/],
    [zip([['a/data.pkl', new Uint8Array(0)]]), /pickle is truncated or corrupt: it ends after 0 bytes/],
    [zip([['a/data.pkl', pickle(null).subarray(0, -1)]]), /pickle is truncated/],
    // A dict that is its own weights.
    [
      zip([['a/data.pkl', opcodes('}q', 0, 'X', 6, 0, 0, 0, 'paramsh', 0, 's.')]]),
      /'params' is a dict of 1, not a tensor/,
    ],
  ] as [Uint8Array, RegExp][]) {
    await refused(() => read(bytes), sentence);
  }
});

test('files with damage anywhere are read or refused, within seconds', async () => {
  const tensors = new Map<string, StoredTensor>([
    ['module.a', { storage: FOUR, shape: [2, 2] }],
    ['module.b', { storage: FOUR, shape: [2, 2], strides: [1, 2] }],
    ['module.c', { storage: new Uint8Array(20).fill(17), shape: [10], type: 'HalfStorage' }],
  ]);
  const originals = [
    pth(tensors),
    pth(tensors, undefined, { zip64: true, byteorder: 'little', comment: 'a comment' }),
    ...(await Promise.all(
      ['views', 'types', 'training', 'protocol4', 'whole_model'].map(async (name) =>
        // Most damage would end at a checksum; what is behind them is to be tested.
        withoutChecksums(await file(`pth/${name}.pth`)),
      ),
    )),
  ];
  const begin = performance.now();
  let stream = 0;
  const outcomes = { read: 0, refused: 0 };
  for (const original of originals) {
    // A flip in each byte, and then seeded damage of other kinds.
    for (let at = 0; at < original.length; at++) {
      const bytes = original.slice();
      bytes[at] ^= 1 << (at % 8);
      outcomes[await outcomeOf(bytes, `byte ${at} flipped`)]++;
    }
    for (let i = 0; i < 1000; i++) outcomes[await outcomeOf(damaged(original, stream++), `damage ${stream - 1}`)]++;
  }
  const seconds = (performance.now() - begin) / 1000;
  console.log(`damaged files: ${outcomes.read} read, ${outcomes.refused} refused in ${seconds.toFixed(1)} s`);
  assert.ok(outcomes.read > 1000 && outcomes.refused > 1000);
  assert.ok(seconds < 30, `${seconds} s`);
});

/** Cuts, repeats, exchanges or overwrites parts of a file, by the stream of random numbers. */
function damaged(original: Uint8Array, stream: number): Uint8Array {
  const numbers = noise(stream, 32);
  let next = 0;
  const below = (n: number): number => Math.min(n - 1, Math.floor(((numbers[next++] + 1) / 2) * n));
  const { length } = original;
  const bytes = original.slice();
  const view = new DataView(bytes.buffer);
  switch (below(6)) {
    case 0:
      return bytes.subarray(0, below(length));
    case 1: {
      const at = below(length);
      return Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(Math.min(length, at + 1 + below(40)))]);
    }
    case 2: {
      const at = below(length);
      return Uint8Array.from([...bytes.subarray(0, at + below(40)), ...bytes.subarray(at)]);
    }
    case 3:
      for (let i = 1 + below(4); i > 0; i--) bytes[below(length)] = below(256);
      return bytes;
    case 4:
      for (let i = 1 + below(2); i > 0; i--) {
        const value = [0, 1, 0x7fffffff, 0x80000000, 0xffffffff, length][below(6)];
        view.setUint32(below(length - 4), value, below(2) === 0);
      }
      return bytes;
    default:
      bytes.copyWithin(below(length), below(length), below(length));
      return bytes;
  }
}

async function outcomeOf(bytes: Uint8Array, what: string): Promise<'read' | 'refused'> {
  try {
    const checkpoint = await read(bytes);
    let elements = 0;
    for (const name of checkpoint.names) elements += (await checkpoint.values(name)).length;
    assert.ok(elements <= bytes.length, what);
    return 'read';
  } catch (error) {
    if (!(error instanceof InputError)) throw new Error(`${what}: ${error}`, { cause: error });
    assert.ok(
      error.message.length < 1000 && !/undefined|object Object|\n/.test(error.message),
      `${what}: ${error.message}`,
    );
    return 'refused';
  }
}

test('a file with one bit flipped is refused with the name of the entry that it hit', async () => {
  const bytes = await file('derain.pth');
  const name = new TextEncoder().encode('derain/data/128');
  // The name is in the entry's header and, later, in the directory; the values come after the header's padding.
  const at = bytes.findIndex((_, i) => name.every((byte, k) => bytes[i + k] === byte));
  const padding = new DataView(bytes.buffer).getUint16(at - 2, true);
  bytes[at + name.length + padding + 5] ^= 1;
  await refused(
    async () => (await read(bytes)).read(),
    /^The entry 'derain\/data\/128' is damaged: its CRC-32 is [0-9a-f]{8}, not [0-9a-f]{8}\.$/,
  );
});

test.run();
