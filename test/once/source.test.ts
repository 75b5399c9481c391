/** Fetching a checkpoint: all bytes once, whatever the server says of their number; and reading parts of it. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { bytesOf, openSource } from '../../src/restore/source.ts';
import { InputError } from '../../src/tensor/errors.ts';

const test = suite('source');

const realFetch = globalThis.fetch;
test.after.each(() => {
  globalThis.fetch = realFetch;
});

const BYTES = pattern(3_000_000);
const PART = 65_536;

/** Lets fetch answer with these bytes in parts, and this content-length; after `failAt` bytes the connection breaks. */
function serve(bytes: Uint8Array, length: number | undefined, failAt = Number.POSITIVE_INFINITY, part = PART): void {
  let at = 0;
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      if (at >= failAt) controller.error(new TypeError('network error'));
      else if (at >= bytes.length) controller.close();
      else controller.enqueue(new Uint8Array(bytes.subarray(at, at + part)));
      at += part;
    },
  });
  const headers: Record<string, string> = length === undefined ? {} : { 'content-length': String(length) };
  globalThis.fetch = async () => new Response(body, { headers });
}

const bytesIn = async (blob: Blob): Promise<Uint8Array> => new Uint8Array(await blob.arrayBuffer());

// Loops, since a callback for each of millions of bytes takes seconds.
function pattern(length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = (i * 7) ^ (i >> 8);
  return bytes;
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return a.length === b.length;
}

async function rejection(promise: Promise<unknown>): Promise<Error> {
  return promise.then(
    () => assert.unreachable('the promise should reject') as never,
    (error: Error) => error,
  );
}

for (const length of [undefined, 0, 1, PART, BYTES.length - 1, BYTES.length, BYTES.length + 1, 2 ** 52]) {
  test(`${length} as content-length of ${BYTES.length} bytes`, async () => {
    serve(BYTES, length);
    const fractions: number[] = [];
    const blob = await openSource('/weights', undefined, (fraction) => fractions.push(fraction));
    assert.ok(same(await bytesIn(blob), BYTES));
    assert.ok(fractions.every((f, i) => f > 0 && f <= 1 && (i === 0 || f >= fractions[i - 1])));
    assert.is(fractions.length > 0, Boolean(length));
    if (length === BYTES.length) assert.is(fractions.at(-1), 1);
  });
}

test('parts of any size become the same bytes', async () => {
  const bytes = pattern(11 * 2 ** 20 + 1);
  for (const part of [100_003, 2 ** 22, 2 ** 22 + 1, bytes.length]) {
    serve(bytes, undefined, undefined, part);
    assert.ok(same(await bytesIn(await openSource('/weights')), bytes), `parts of ${part}`);
  }
});

test('an answer without a body is no bytes', async () => {
  globalThis.fetch = async () => new Response(null, { status: 204 });
  assert.is((await openSource('/weights')).size, 0);
});

test('a connection that breaks is a sentence', async () => {
  serve(BYTES, BYTES.length, 10 * PART);
  const error = await rejection(openSource('/weights/x.pth'));
  assert.instance(error, InputError);
  assert.is(error.message, 'The weights at /weights/x.pth could not be fetched: network error.');
});

test('an abort rejects with its reason, an error of the listener as it is', async () => {
  serve(BYTES, BYTES.length, 10 * PART);
  const controller = new AbortController();
  const aborted = openSource('/weights', controller.signal, () => controller.abort(new Error('enough')));
  assert.is((await rejection(aborted)).message, 'enough');
  serve(BYTES, BYTES.length);
  const listener = () => {
    throw new RangeError('of the listener');
  };
  assert.is((await rejection(openSource('/weights', undefined, listener))).message, 'of the listener');
});

test('a file is taken as it is; bytes are copied at once, since they may be written to', async () => {
  const file = new Blob([BYTES]);
  assert.is(await openSource(file), file);
  const { buffer } = BYTES.slice();
  const opened = openSource(buffer);
  new Uint8Array(buffer).fill(0);
  assert.ok(same(await bytesIn(await opened), BYTES));
  for (const source of [file, buffer, '/weights']) {
    const error = await rejection(openSource(source, AbortSignal.abort(new Error('enough'))));
    assert.is(error.message, 'enough');
  }
});

test('parts of a file are read in any order, also at once', async () => {
  const bytes = bytesOf(new Blob([BYTES]));
  assert.is(bytes.length, BYTES.length);
  const M = 2 ** 20; // what is read at once, at least
  const parts = [
    [0, 0],
    [0, 9],
    [M - 1, M],
    [M - 1, M + 1],
    [M - 2, M + 9],
    [2 * M - 2, 2 * M - 1],
    [100, 2 * M],
    [BYTES.length - 3, BYTES.length],
    [BYTES.length, BYTES.length],
    [7, 8],
  ] as const;
  const check = async ([begin, end]: readonly [number, number]): Promise<void> =>
    assert.ok(same(await bytes.read(begin, end), BYTES.subarray(begin, end)), `${begin} to ${end}`);
  for (const part of [...parts, ...parts.toReversed()]) await check(part);
  await check([2 * M, 2 * M + 1]);
  await Promise.all(parts.map(check));
});

test('a file that cannot be read any more is a sentence', async () => {
  const blob = new Blob([BYTES]);
  blob.slice = () => {
    const part = new Blob();
    part.arrayBuffer = () => Promise.reject(new DOMException('it was changed', 'NotReadableError'));
    return part;
  };
  const error = await rejection(bytesOf(blob).read(0, 9));
  assert.instance(error, InputError);
  assert.is(error.message, 'The file of 3000000 bytes could not be read: it was changed.');
});

test.run();
