/** CRC-32: the catalogue's check value, and the definition, bit by bit, at every length that the tables treat in its own way. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { crc32 } from '../../src/model/crc32.ts';
import { noise } from '../support/hash.ts';

const test = suite('crc32');

/** The remainder of a division of polynomials, one bit at a time. */
function bitByBit(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    for (let bit = 0; bit < 8; bit++) {
      const divide = (crc ^ (byte >> bit)) & 1;
      crc >>>= 1;
      if (divide) crc = (crc ^ 0xedb88320) >>> 0;
    }
  }
  return (crc ^ 0xffffffff) >>> 0;
}

test('of the digits 1 to 9 it is the published value', () => {
  assert.is(crc32(new TextEncoder().encode('123456789')), 0xcbf43926);
  assert.is(crc32(new Uint8Array(0)), 0);
});

test('is what the definition gives, wherever the bytes begin and end', () => {
  const bytes = Uint8Array.from(noise(1, 400), (v) => (v + 1) * 128);
  for (let begin = 0; begin < 5; begin++) {
    for (const length of [1, 2, 3, 4, 5, 7, 8, 9, 31, 300]) {
      const part = bytes.subarray(begin, begin + length);
      assert.is(crc32(part), bitByBit(part), `${length} bytes from ${begin}`);
    }
  }
});

test.run();
