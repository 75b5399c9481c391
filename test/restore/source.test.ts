/** Fetching a checkpoint: all bytes once, whatever the server says of their number. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readSource } from '../../src/restore/source.ts';
import { InputError } from '../../src/tensor/errors.ts';

const test = suite('source');

const realFetch = globalThis.fetch;
test.after.each(() => {
  globalThis.fetch = realFetch;
});

const BYTES = Uint8Array.from({ length: 3_000_000 }, (_, i) => (i * 7) ^ (i >> 8));
const PART = 65_536;

/** Lets fetch answer with these bytes in parts, and this content-length; after `failAt` bytes the connection breaks. */
function serve(bytes: Uint8Array, length: number | undefined, failAt = Number.POSITIVE_INFINITY): void {
  let at = 0;
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      if (at >= failAt) controller.error(new TypeError('network error'));
      else if (at >= bytes.length) controller.close();
      else controller.enqueue(new Uint8Array(bytes.subarray(at, at + PART)));
      at += PART;
    },
  });
  const headers: Record<string, string> = length === undefined ? {} : { 'content-length': String(length) };
  globalThis.fetch = async () => new Response(body, { headers });
}

const same = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((byte, i) => byte === b[i]);

async function rejection(promise: Promise<unknown>): Promise<Error> {
  return promise.then(
    () => assert.unreachable('the promise should reject') as never,
    (error: Error) => error,
  );
}

for (const length of [undefined, 0, 1, PART, BYTES.length - 1, BYTES.length, BYTES.length + 1, 2 * BYTES.length]) {
  test(`${length} as content-length of ${BYTES.length} bytes`, async () => {
    serve(BYTES, length);
    const fractions: number[] = [];
    const bytes = await readSource('/weights', undefined, (fraction) => fractions.push(fraction));
    assert.ok(same(bytes, BYTES));
    if (length === BYTES.length) assert.is(bytes.buffer.byteLength, BYTES.length, 'no byte more than there are');
    assert.ok(bytes.buffer.byteLength <= Math.max(2 * BYTES.length, 2 ** 22));
    assert.ok(fractions.every((f, i) => f > 0 && f <= 1 && (i === 0 || f >= fractions[i - 1])));
    assert.is(fractions.length > 0, Boolean(length));
  });
}

test('an answer without a body is no bytes', async () => {
  globalThis.fetch = async () => new Response(null, { status: 204 });
  assert.is((await readSource('/weights')).length, 0);
});

test('a length beyond memory and a connection that breaks are sentences', async () => {
  for (const [length, failAt] of [
    [2 ** 52, Number.POSITIVE_INFINITY],
    [BYTES.length, 10 * PART],
  ]) {
    serve(BYTES, length, failAt);
    const error = await rejection(readSource('/weights/x.pth'));
    assert.instance(error, InputError);
    assert.match(error.message, /^The weights at \/weights\/x\.pth could not be fetched: /);
  }
});

test('an abort rejects with its reason, an error of the listener as it is', async () => {
  serve(BYTES, BYTES.length, 10 * PART);
  const controller = new AbortController();
  const aborted = readSource('/weights', controller.signal, () => controller.abort(new Error('enough')));
  assert.is((await rejection(aborted)).message, 'enough');
  serve(BYTES, BYTES.length);
  const listener = () => {
    throw new RangeError('of the listener');
  };
  assert.is((await rejection(readSource('/weights', undefined, listener))).message, 'of the listener');
});

test('a file is read by parts, which are told, into as many bytes as it has', async () => {
  const fractions: number[] = [];
  const bytes = await readSource(new Blob([BYTES]), undefined, (fraction) => fractions.push(fraction));
  assert.ok(same(bytes, BYTES));
  assert.is(bytes.buffer.byteLength, BYTES.length, 'no byte more than there are');
  assert.ok(
    fractions.some((f) => f > 0 && f < 1),
    fractions.join(' '),
  );
  assert.is(fractions.at(-1), 1);
  assert.ok(fractions.every((f, i) => i === 0 || f >= fractions[i - 1]));
  assert.is((await readSource(new Blob([]))).length, 0);
});

test('a file: an abort rejects with its reason, an error of the listener as it is', async () => {
  const blob = new Blob([BYTES]);
  const controller = new AbortController();
  const seen: number[] = [];
  const aborted = readSource(blob, controller.signal, (fraction) => {
    seen.push(fraction);
    controller.abort(new Error('enough'));
  });
  assert.is((await rejection(aborted)).message, 'enough');
  assert.is(seen.length, 1, 'nothing is read after the abort');
  assert.is((await rejection(readSource(blob, controller.signal))).message, 'enough');
  const listener = () => {
    throw new RangeError('of the listener');
  };
  assert.is((await rejection(readSource(blob, undefined, listener))).message, 'of the listener');
});

test('a file that breaks off while it is read is a sentence', async () => {
  const blob = new Blob([BYTES]);
  let parts = 0;
  blob.stream = () =>
    new ReadableStream({
      pull(controller) {
        if (parts++ < 3) controller.enqueue(new Uint8Array(PART));
        else controller.error(new TypeError('it was changed'));
      },
    });
  const error = await rejection(readSource(blob));
  assert.instance(error, InputError);
  assert.is(error.message, 'The file of 3000000 bytes could not be read: it was changed.');
});

test.run();
