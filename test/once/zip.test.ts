/** Zip archives: stored entries as views, zip64, and a sentence for everything that can be wrong with one. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { inMemory } from '../../src/model/bytes.ts';
import { ZipArchive } from '../../src/model/zip.ts';
import { refused } from '../support/refused.ts';
import { type ZipOptions, zip } from '../support/zip.ts';

const test = suite('zip');

const ENTRIES: readonly (readonly [string, Uint8Array])[] = [
  ['folder/first', Uint8Array.of(1, 2, 3)],
  ['folder/leer/zwei', new Uint8Array(0)],
  ['ordner/drei €', Uint8Array.from({ length: 300 }, (_, i) => i)],
];

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const END64 = 0x06064b50;
const LOCATOR64 = 0x07064b50;

/** An archive with one number changed: that of so many bytes, so far after the first place with this signature. */
function patched(signature: number, field: number, bytes: 2 | 4 | 8, value: number, options?: ZipOptions): Uint8Array {
  const file = zip(ENTRIES, options);
  const view = new DataView(file.buffer);
  let at = 0;
  while (view.getUint32(at, true) !== signature) at++;
  if (bytes === 2) view.setUint16(at + field, value, true);
  else if (bytes === 4) view.setUint32(at + field, value, true);
  else view.setBigUint64(at + field, BigInt(value), true);
  return file;
}

const open = (file: Uint8Array): Promise<ZipArchive> => ZipArchive.open(inMemory(file));

const readAll = async (file: Uint8Array): Promise<Uint8Array[]> => {
  const archive = await open(file);
  return Promise.all(archive.names.map((name) => archive.read(name)));
};

for (const [what, options] of Object.entries<ZipOptions>({
  plain: {},
  zip64: { zip64: true },
  'with a comment': { comment: 'PK\x05\x06 is not the end'.repeat(9) },
  'zip64 with a comment': { zip64: true, comment: 'x'.repeat(65535) },
})) {
  test(`${what}: entries are views on the file, wherever it begins`, async () => {
    const file = zip(ENTRIES, options);
    const padded = new Uint8Array(file.length + 20);
    padded.set(file, 13);
    for (const bytes of [file, padded.subarray(13, 13 + file.length)]) {
      const archive = await open(bytes);
      assert.equal(
        archive.names,
        ENTRIES.map(([name]) => name),
      );
      for (const [name, content] of ENTRIES) {
        assert.equal([...(await archive.read(name))], [...content]);
        assert.is((await archive.read(name)).buffer, bytes.buffer);
      }
      assert.not(archive.has('folder'));
    }
  });
}

test('an archive without entries is one', async () => {
  assert.equal((await open(zip([]))).names, []);
});

test('entries that PyTorch does not write are refused by name when they are read', async () => {
  for (const [options, sentence] of [
    [{ method: 8 }, /folder\/first is compressed \(zip method 8\).*zip -0/],
    [{ flags: 1 }, /folder\/first is encrypted/],
  ] as const) {
    const archive = await open(zip(ENTRIES, options));
    await refused(() => archive.read('folder/first'), sentence);
  }
  await refused(() => open(zip(ENTRIES)).then((archive) => archive.read('none')), /has no none/);
});

test('an archive cut anywhere is refused', async () => {
  for (const options of [{}, { zip64: true }]) {
    const file = zip(ENTRIES, options);
    for (let length = 0; length < file.length; length++)
      await refused(
        () => readAll(file.subarray(0, length)),
        new RegExp(`its ${length} bytes do not end with a directory`),
      );
  }
});

test('a directory that cannot be gets its sentence', async () => {
  const { length } = zip(ENTRIES);
  for (const [file, sentence] of [
    [patched(END, 16, 4, length), /directory of \d+ bytes at byte \d+ has to end by/],
    [patched(END, 16, 4, 0xfffffffe), /at byte 4294967294 has to end by/],
    [patched(END, 12, 4, 0x7fffffff), /directory of 2147483647 bytes/],
    [patched(END, 10, 2, 999), /cannot hold 999 entries/],
    [patched(END, 10, 2, 4), /no entry 4 of 4|cannot hold 4/],
    [patched(END, 10, 2, 0xffff), /no zip64 locator/],
    [patched(END, 4, 2, 1), /number 2 of several files/],
    [patched(END, 16, 4, 3), /no entry 1 of 3 at byte 3/],
    [patched(CENTRAL, 0, 4, 7), /no entry 1 of 3/],
    [patched(CENTRAL, 28, 2, 0xffff), /entry 1 of 3 ends at byte/],
    [patched(CENTRAL, 30, 2, 200), /entry 1 of 3 ends at byte|no entry 2 of 3/],
    [patched(CENTRAL, 32, 2, 40), /no entry 2 of 3/],
    [zip([ENTRIES[0], ENTRIES[0]]), /folder\/first twice/],
  ] as const) {
    await refused(() => open(file), sentence);
  }
});

test('zip64 that cannot be gets its sentence', async () => {
  for (const [signature, field, bytes, value, sentence] of [
    [LOCATOR64, 0, 4, 0, /no zip64 locator/],
    [LOCATOR64, 8, 8, 2 ** 60, /no zip64 end record at byte 1152921504606847000/],
    [LOCATOR64, 8, 8, 1, /no zip64 end record at byte 1\./],
    [END64, 0, 4, 0, /no zip64 end record/],
    [END64, 32, 8, 2 ** 62, /cannot hold 4611686018427388000 entries/],
    [END64, 40, 8, 2 ** 63, /directory of 9223372036854776000 bytes/],
    [END64, 48, 8, 2 ** 63, /at byte 9223372036854776000 has to end by/],
    // The zip64 field itself, of the first entry: 46 bytes of header, 12 of its name, 5 of another field.
    [CENTRAL, 46 + 12 + 5, 2, 99, /folder\/first has no zip64 field/],
    [CENTRAL, 46 + 12 + 5 + 2, 2, 20, /the zip64 field of folder\/first has only 20 bytes/],
  ] as const) {
    await refused(() => open(patched(signature, field, bytes, value, { zip64: true })), sentence);
  }
});

test('entries that do not lie where the directory says get their sentence', async () => {
  const dataEnd = (file: Uint8Array): number => new DataView(file.buffer).getUint32(file.length - 6, true);
  const end = dataEnd(zip(ENTRIES));
  for (const [file, sentence] of [
    [patched(CENTRAL, 42, 4, 0xfffffff0), new RegExp(`folder/first begins at byte 4294967280 of ${end}`)],
    [patched(CENTRAL, 42, 4, end - 29), /begins at byte/],
    [patched(CENTRAL, 42, 4, 1), /folder\/first is at byte 1, where something else is/],
    [patched(CENTRAL, 42, 4, 30 + 12 + 3), /folder\/first is at byte 45, where something else is/],
    [patched(LOCAL, 0, 4, 0), /where something else is/],
    [patched(LOCAL, 8, 2, 8), /where something else is/],
    [patched(LOCAL, 26, 2, 11), /where something else is/],
    [patched(LOCAL, 26, 2, 0xffff), /where something else is/],
    [patched(LOCAL, 28, 2, 0xffff), new RegExp(`folder/first ends at byte \\d+ of ${end}`)],
    [patched(LOCAL, 22, 4, 4), /folder\/first has 3 bytes in the directory, 4 where it lies/],
    [patched(CENTRAL, 24, 4, 2), /folder\/first has 2 bytes, but takes 3/],
    [patched(CENTRAL, 46 + 12 + 5 + 4, 8, 2 ** 55, { zip64: true }), /has 36028797018963970 bytes, but takes 3/],
    [patched(CENTRAL, 46 + 12 + 5 + 4 + 16, 8, 2 ** 63, { zip64: true }), /begins at byte 9223372036854776000/],
  ] as const) {
    await refused(() => readAll(file), sentence);
  }
  // Sizes that follow the data: the local header need not tell them, as with PyTorch.
  const following = patched(LOCAL, 22, 4, 0, { flags: 8 });
  assert.equal([...(await readAll(following))[0]], [1, 2, 3]);
});

test('an entry whose checksum is another is refused with both, unless none was computed', async () => {
  const at = (crc: number): Uint8Array => patched(CENTRAL, 16, 4, crc);
  for (const crc of [0x55bc801d, 0]) assert.equal([...(await readAll(at(crc)))[0]], [1, 2, 3]);
  await refused(
    () => readAll(at(0x00000abc)),
    /^The entry 'folder\/first' is damaged: its CRC-32 is 55bc801d, not 00000abc\.$/,
  );
  const damaged = at(0x55bc801d);
  damaged[30 + 'folder/first'.length + 1] ^= 0x40;
  const archive = await open(damaged);
  assert.is((await archive.read('folder/leer/zwei')).length, 0, 'other entries are read');
  await refused(() => archive.read('folder/first'), /'folder\/first' is damaged: .* not 55bc801d/);
  await refused(() => archive.read('folder/first'), /'folder\/first' is damaged/);
});

test.run();
