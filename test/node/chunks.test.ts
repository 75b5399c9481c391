import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { chunks } from '../../src/model/chunks.ts';

const test = suite('chunks');

test('all at once where there is room', () => {
  assert.equal(chunks(50, 4, 100, 1300), [[0, 50]]);
  assert.equal(chunks(1, 8, 100, 0, 2), [[0, 1]]);
});

test('else as few parts as fit, and no more than told where none does', () => {
  assert.equal(
    chunks(50, 8, 100, 499),
    [0, 16, 32, 48].map((first) => [first, Math.min(16, 50 - first)]),
  );
  assert.equal(chunks(48, 4, 100, 0).length, 4);
});

test('parts follow each other, begin at whole quads and are as large as asked for', () => {
  for (const channels of [1, 4, 5, 8, 12, 47, 48, 52, 127])
    for (const most of [1, 4, 8, 12])
      for (const least of [1, 2, 3])
        for (const room of [0, 250, 1e9]) {
          const parts = chunks(channels, most, 100, room, least);
          const what = `${channels} channels, ${most}, ${least}, ${room}: ${parts.join(' | ')}`;
          let end = 0;
          for (const [first, count] of parts) {
            assert.is(first, end, what);
            assert.is(first % 4, 0, what);
            end += count;
          }
          assert.is(end, channels, what);
          assert.ok(parts.length <= most, what);
          assert.ok(
            parts.slice(0, -1).every(([, count]) => count >= 4 * least),
            what,
          );
        }
});

test.run();
