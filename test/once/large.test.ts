/** Large checkpoints, as a file that a visitor picks and from elsewhere: what is told on the way, and what is held. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { load } from '../../src/index.ts';
import { type NetworkConfig, PUBLISHED } from '../reference/variants.ts';
import { type Allocations, watchAllocations } from '../support/allocations.ts';
import { sharedEngine } from '../support/engine.ts';
import { parameterCount, parameterShapes } from '../support/parameters.ts';
import { publishedFile } from '../support/published.ts';

const test = suite('large checkpoints');

/** The published network, and one of as wide but fewer blocks: of several pieces too, and sooner packed. */
const WHOLE: NetworkConfig = PUBLISHED.derain;
const FEWER: NetworkConfig = { ...WHOLE, blocks: [1, 1, 1, 1], refinement: 1 };

/** Half of the tests are about each. */
const files = new Map([WHOLE, FEWER].map((config) => [config, new Blob([publishedFile(config)])]));

/** What goes into a blob at once, and what comes from the server. */
const PIECE = 4 * 2 ** 20;
const CHUNK = 2 ** 18;
/** More than the values of any module, or than the texels that one tensor is packed into. */
const MODULE = 16 * 2 ** 20;

/** Not the one that is watched. */
const readBlob = Blob.prototype.arrayBuffer;

/** Lets fetch answer with the file, once, and tells of each chunk how many bytes were served before it. */
function serve(file: Blob, length: string | undefined, onChunk: (served: number) => void): void {
  let served = 0;
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      onChunk(served);
      const chunk = new Uint8Array(await readBlob.call(file.slice(served, served + CHUNK)));
      served += chunk.length;
      if (chunk.length > 0) controller.enqueue(chunk);
      else controller.close();
    },
  });
  const response = new Response(body, { headers: length ? { 'content-length': length } : {} });
  const { fetch } = globalThis;
  globalThis.fetch = async () => {
    globalThis.fetch = fetch;
    return response;
  };
}

for (const [megabytes, config, kind] of [
  [115, WHOLE, 'a file'],
  [29, FEWER, 'bytes'],
  [115, WHOLE, 'a URL that tells its length'],
  [29, FEWER, 'a URL that does not'],
] as const) {
  test(`${megabytes} MB from ${kind} are held once, by a blob, and read module by module; the page has its turn`, async () => {
    const engine = await sharedEngine();
    const file = files.get(config)!;
    assert.is(Math.round(file.size / 1e6), megabytes);
    let turns = 0;
    const timer = setInterval(() => turns++);
    const bytes = kind === 'bytes' ? await file.arrayBuffer() : undefined;
    const downloaded = kind.startsWith('a URL');
    const fractions: number[] = [];
    let waiting = 0;
    let before = 0;
    let atOnce = 0;
    const packed = (fraction: number): number => (downloaded ? Math.max(0, 2 * fraction - 1) : fraction);
    await watchAllocations(async (seen: Allocations) => {
      if (downloaded)
        serve(file, kind.endsWith('length') ? String(file.size) : undefined, (served) => {
          waiting = Math.max(waiting, served - seen.intoBlobs);
        });
      using model = await load(downloaded ? '/published.pth' : (bytes ?? file), {
        engine,
        onProgress: ({ stage, fraction }) => {
          if (stage !== 'load') return clearInterval(timer);
          fractions.push(fraction);
          atOnce = Math.max(atOnce, seen.outOfBlobs - before);
          before = seen.outOfBlobs;
        },
      });
      assert.is(model.parameters, parameterCount(parameterShapes(config)));
      assert.ok(turns >= 5, `the page had its turn ${turns} times while it was loaded`);
      const mb = (n: number): string => (n / 1e6).toFixed(1);
      console.log(
        `${megabytes} MB from ${kind}: ${mb(seen.intoBlobs)} MB into blobs, ${mb(waiting)} MB waiting; ${mb(seen.outOfBlobs)} MB out of them, at most ${mb(atOnce)} MB for a module; no array above ${mb(seen.largest)} MB`,
      );
      assert.is(seen.intoBlobs, kind === 'a file' ? 0 : file.size, 'held once');
      assert.ok(waiting < PIECE + 4 * CHUNK, `${waiting} bytes served and in no blob yet`);
      assert.ok(seen.largest < MODULE, `${seen.largest} bytes in one array`);
      assert.ok(atOnce < MODULE, `${atOnce} bytes read before a module was packed`);
      // Not less: what is read by a way that is not watched would not be counted.
      const times = seen.outOfBlobs / file.size;
      assert.ok(times > 0.99 && times < 1.5, `the file was read ${times} times`);
    });
    const told = fractions.filter((f) => packed(f) === 0).length;
    assert.ok(kind.endsWith('length') ? told > 100 : told === 0, `told ${told} times of the download`);
    assert.ok(fractions.every((f, i) => f > 0 && f <= 1 && f >= (fractions[i - 1] ?? 0)));
    assert.ok(fractions.length > file.size / 3e6, `told ${fractions.length} times`);
    assert.is(fractions.at(-1), 1);
  });
}

test.run();
