/** The helpers that other tests rely on: a check that passes everything would look like success. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { PUBLISHED, type VariantName } from '../reference/variants.ts';
import { assertClose } from '../support/close.ts';
import { fixture, fixtureConfig, tensor } from '../support/fixtures.ts';
import { hashedWeights, noise } from '../support/hash.ts';
import { parameterCount, parameterShapes } from '../support/parameters.ts';
import { psnr } from '../support/psnr.ts';
import { brainToNumber, halfToNumber, readSafetensors } from '../support/safetensors.ts';

const test = suite('test support');

test('assertClose passes what is close and says how close', () => {
  assert.is(assertClose([1, 2, 3], [1, 2, 3], 0, 'same'), 0);
  assert.is(assertClose([0, 0], [0, 0], 0, 'zeros'), 0);
  assert.is(assertClose([0.5, 4], [0, 4], 0.2, 'near'), 0.125);
});

test('assertClose names what is wrong, where, and both values', () => {
  const fails = (actual: number[], expected: number[], ...patterns: RegExp[]) => {
    for (const pattern of patterns) assert.throws(() => assertClose(actual, expected, 1e-3, 'the thing'), pattern);
  };
  fails([1, 2.5, 4], [1, 2, 4], /the thing/, /1\.250e-1/, /index 1 of 3/, /2\.5, expected 2/);
  fails([1, 2], [1, 2, 3], /2 values where 3 are expected/);
  fails([1, Number.NaN], [1, 2], /index 1 is NaN, expected 2/);
  fails([1, 2], [Number.NaN, 2], /index 0 is 1, expected NaN/);
  fails([1, Number.POSITIVE_INFINITY], [1, Number.POSITIVE_INFINITY], /index 1 is Infinity/);
  fails([], [], /nothing to compare/);
  fails([0, 1e-9], [0, 0], /Infinity/);
});

test('psnr leaves alpha out', () => {
  assert.is(psnr([1, 2, 3, 0], [1, 2, 3, 255]), Number.POSITIVE_INFINITY);
  assert.is(psnr([0, 0, 0], [255, 255, 255], 3), 0);
  assert.is(psnr([10, 20, 30, 255], [11, 21, 31, 255]), 10 * Math.log10(255 ** 2));
});

test('half and bfloat16 numbers', () => {
  assert.is(halfToNumber(0x3c00), 1);
  assert.is(halfToNumber(0xc100), -2.5);
  assert.is(halfToNumber(0x7bff), 65504);
  assert.is(halfToNumber(0x0001), 2 ** -24);
  assert.is(halfToNumber(0x7c00), Number.POSITIVE_INFINITY);
  assert.ok(Number.isNaN(halfToNumber(0x7e00)));
  assert.is(brainToNumber(0x3f80), 1);
  assert.is(brainToNumber(0xc020), -2.5);
});

test('a safetensors file of all three types', () => {
  const header = JSON.stringify({
    __metadata__: { said: 'yes' },
    half: { dtype: 'F16', shape: [1, 2], data_offsets: [0, 4] },
    brain: { dtype: 'BF16', shape: [1], data_offsets: [4, 6] },
    single: { dtype: 'F32', shape: [1], data_offsets: [6, 10] },
  });
  const file = new Uint8Array(8 + header.length + 10);
  const view = new DataView(file.buffer);
  view.setUint32(0, header.length, true);
  file.set(new TextEncoder().encode(header), 8);
  view.setUint16(8 + header.length, 0x3c00, true);
  view.setUint16(8 + header.length + 2, 0xc100, true);
  view.setUint16(8 + header.length + 4, 0x3f80, true);
  view.setFloat32(8 + header.length + 6, 0.1, true);
  const { tensors, metadata } = readSafetensors(file.buffer);
  assert.is(metadata.said, 'yes');
  assert.equal(tensors.get('half'), { data: new Float32Array([1, -2.5]), shape: [1, 2] });
  assert.equal(tensors.get('brain'), { data: new Float32Array([1]), shape: [1] });
  assert.equal(tensors.get('single'), { data: new Float32Array([0.1]), shape: [1] });
});

for (const name of ['derain', 'derain33', 'sr', 'realsr', 'dualpixel']) {
  test(`the parameters of ${name} are those of its checkpoint`, async () => {
    const weights = await fixture(`${name}.weights.safetensors`);
    const shapes = parameterShapes(await fixtureConfig(`${name}.weights.safetensors`));
    const sorted = (names: Iterable<string>) => [...names].sort();
    assert.equal(sorted(shapes.keys()), sorted(weights.keys()));
    for (const [key, { shape }] of weights) assert.equal(shapes.get(key), shape, key);
  });
}

test('the published networks have as many parameters as published', () => {
  const millions = (name: VariantName) => (parameterCount(parameterShapes(PUBLISHED[name])) / 1e6).toFixed(2);
  assert.is(millions('derain'), '28.71');
  assert.is(millions('derain33'), '28.70');
  assert.is(millions('sr'), '12.03');
  assert.is(millions('realsr'), '10.50');
});

test('noise is that of the Python script, bit for bit', () => {
  assert.equal(
    [...noise(0, 5)],
    [-0.7662293910980225, -0.48483163118362427, 0.4747796356678009, 0.32078441977500916, 0.743401050567627],
  );
  assert.equal(
    [...noise(7, 5)],
    [0.020120512694120407, 0.41740381717681885, 0.13111360371112823, 0.3165932297706604, -0.6588820815086365],
  );
  assert.equal(
    [...noise(1000, 5)],
    [0.09261960536241531, 0.5140720009803772, 0.842496395111084, 0.5319483876228333, 0.16231471300125122],
  );
  assert.is(checksum(noise(0, 100000)), 880466369);
  assert.is(checksum(noise(7, 100000)), 2803294322);
  assert.is(checksum(noise(1000, 100000)), 3374459750);
});

/** Checksums of the bits of all weights, names in sorted order, from PyTorch. */
const CHECKSUMS: Record<VariantName, number> = {
  derain: 341457151,
  derain33: 1210359034,
  sr: 1529336209,
  realsr: 4224849054,
};

for (const name of ['derain', 'derain33', 'sr', 'realsr'] as const) {
  test(`hashed weights of a small ${name} are those of the Python script, bit for bit`, () => {
    const weights = hashedWeights(parameterShapes({ ...PUBLISHED[name], dim: 8, blocks: [1, 1, 1, 1], refinement: 1 }));
    let sum = 0;
    for (const key of [...weights.keys()].sort()) sum = (sum + checksum(tensor(weights, key).data)) >>> 0;
    assert.is(sum, CHECKSUMS[name]);
  });
}

/** The sum of every number's bits times its place (from 1), modulo 2**32. */
function checksum(data: Float32Array): number {
  const bits = new Uint32Array(data.buffer, data.byteOffset, data.length);
  return bits.reduce((sum, value, i) => (sum + Math.imul(value, i + 1)) >>> 0, 0);
}

test.run();
