/** Which format a checkpoint has, by its first bytes, and what is said of files that have none of them. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { inMemory } from '../../src/model/bytes.ts';
import type { Checkpoint } from '../../src/model/checkpoint.ts';
import { readCheckpoint } from '../../src/model/formats.ts';
import { fixtureBytes } from '../support/fixtures.ts';
import { opcodes, pickle } from '../support/pickle.ts';
import { legacyStart } from '../support/pth.ts';
import { refused } from '../support/refused.ts';
import { zip } from '../support/zip.ts';

const test = suite('formats');

const file = async (name: string): Promise<Uint8Array> => new Uint8Array(await fixtureBytes(name));
const read = (bytes: Uint8Array): Promise<Checkpoint> => readCheckpoint(inMemory(bytes));
const text = (value: string): Uint8Array => new TextEncoder().encode(value);

test('both formats are known by their bytes', async () => {
  const names = (await read(await file('sr.weights.safetensors'))).names;
  assert.ok(names.includes('tail.1.weight'));
  assert.ok((await read(await file('realsr.pth'))).has('patch_embed.proj.weight'));
});

test('a safetensors header may be as long as other formats begin', async () => {
  // 0x0280 bytes of header look like the beginning of a pickle, 0x4b50 like 'PK', 0x3c like a web page.
  for (const length of [0x280, 0x4b50, 0x33c, 0x0a0d]) {
    const bytes = new Uint8Array(8 + length + 4).fill(0x20);
    new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
    bytes.set(text('{"x": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}'), 8);
    bytes.set([0, 0, 0x80, 0x3f], 8 + length);
    assert.equal([...(await (await read(bytes)).values('x'))], [1]);
    await refused(() => read(bytes.subarray(0, -5)), /truncated/);
  }
});

test('a file of before PyTorch 1.6 is told how to convert it, whatever its protocol', async () => {
  const legacy = await file('pth/legacy.pth');
  assert.equal([...legacy.subarray(0, 15)], [...legacyStart(2)]);
  for (const bytes of [legacy, ...([2, 3, 4, 5] as const).map(legacyStart), legacyStart(2).subarray(2)])
    await refused(() => read(bytes), /format of PyTorch before 1\.6.*torch\.save\(torch\.load\('old\.pth'/);
  const other = legacyStart(4);
  other[20] ^= 1; // a number that is not torch's
  for (const bytes of [other, opcodes(0x80, 4, 0x95, 2, 0, 0, 0, 0, 0, 0, 0, 'N.'), legacyStart(4).subarray(0, 22)])
    await refused(() => read(bytes), /a Python pickle, not a PyTorch checkpoint/);
});

test('what is no checkpoint is named', async () => {
  for (const [bytes, sentence] of [
    [new Uint8Array(0), /there are 0 bytes in all/],
    [text('PK\x03\x04'), /there are 4 bytes in all/],
    [pickle(['some', 'data']), /a Python pickle, not a PyTorch checkpoint/],
    [text('<!doctype html><title>404</title>'), /a web page/],
    [text('\ufeff\n  <html></html>'), /a web page/],
    [text('version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 114844992\n'), /pointer of Git LFS/],
    [text('{"message": "Not Found"}'), /it begins with '\{"message": "Not Fou'/],
    [text('Entry\nnot found, sorry'), /it begins with 'Entry\?not found, sor'/],
    [Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0), /begins with the bytes 89 50 4e 47 0d 0a 1a 0a\.$/],
    [new Uint8Array(100), /no PyTorch checkpoint and no safetensors file: it begins with the bytes 00 00/],
    [zip([['picture.png', new Uint8Array(9)]]), /no data\.pkl\. It begins with picture\.png/],
    [text('PKZIP is no archive'), /zip archive is truncated or corrupt: its 19 bytes do not end with a directory/],
  ] as [Uint8Array, RegExp][]) {
    await refused(() => read(bytes), sentence);
  }
});

test.run();
