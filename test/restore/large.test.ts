/** A checkpoint of the published size, as a file that a visitor picks. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { load } from '../../src/index.ts';
import { PUBLISHED } from '../reference/variants.ts';
import { sharedEngine } from '../support/engine.ts';
import { parameterCount, parameterShapes } from '../support/parameters.ts';
import { publishedFile } from '../support/published.ts';

const test = suite('large checkpoints');

test('a file of 115 MB: progress rises while it is read and packed, and the page has its turn', async () => {
  const engine = await sharedEngine();
  const file = new Blob([publishedFile() as Uint8Array<ArrayBuffer>]);
  assert.is(Math.round(file.size / 1e6), 115);
  const fractions: number[] = [];
  let turns = 0;
  const timer = setInterval(() => turns++);
  const begin = performance.now();
  using model = await load(file, {
    engine,
    onProgress: ({ stage, fraction }) => {
      if (stage === 'compile' && fraction === 0) clearInterval(timer);
      if (stage === 'load' && fraction === 0.5) turns = 0;
      if (stage === 'load') fractions.push(fraction);
    },
  });
  console.log(`115 MB: load ${model.timings.load.toFixed(0)} of ${(performance.now() - begin).toFixed(0)} ms`);
  assert.is(model.parameters, parameterCount(parameterShapes(PUBLISHED.derain)));
  assert.ok(
    fractions.every((f, i) => f > 0 && f <= 1 && f >= (fractions[i - 1] ?? 0)),
    fractions.join(' '),
  );
  assert.is(fractions.at(-1), 1);
  assert.ok(fractions.filter((f) => f < 0.5).length > 10, 'while it is read');
  assert.ok(fractions.filter((f) => f > 0.5 && f < 1).length > 10, 'while it is packed');
  assert.ok(turns >= 5, `the page had its turn ${turns} times while weights were packed`);
});

test.run();
