/** Long work in parts: the GPU always has one to do while the next is issued, and never more than two. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { conv2d, convWeights } from '../../src/ops/conv2d.ts';
import { silu } from '../../src/ops/elementwise.ts';
import { createEngine, type Engine } from '../../src/tensor/engine.ts';

const test = suite('parts of work');

let engine: Engine;
/** Fences in the order in which they were made, and the numbers of those that were waited for. */
let fences: WebGLSync[];
let waited: number[];

test.before(async () => {
  engine = await createEngine();
  const { gl } = engine;
  const { fenceSync, clientWaitSync } = gl;
  gl.fenceSync = (...all) => {
    const fence = fenceSync.apply(gl, all)!;
    fences.push(fence);
    return fence;
  };
  gl.clientWaitSync = (fence, ...all) => {
    const number = fences.indexOf(fence);
    if (waited.at(-1) !== number) waited.push(number);
    return clientWaitSync.call(gl, fence, ...all);
  };
});

test.before.each(() => {
  fences = [];
  waited = [];
});

test.after(() => {
  engine.dispose();
});

/** Issues a piece of work, and looks at whether it has to wait. */
async function piece(): Promise<void> {
  using x = engine.allocate([1, 128, 256, 256]);
  silu(engine, x).dispose();
  await engine.settle();
}

/** Issues pieces until so many parts have ended: how many pieces that takes is up to the device. */
async function work(parts: number): Promise<void> {
  while (fences.length < parts) await piece();
}

test('each end of a part is waited for when the next one is issued', async () => {
  await work(4);
  assert.equal(waited, [0, 1, 2]);
});

test('who waits for everything waits for no part of it any more', async () => {
  await work(2);
  await engine.finished();
  const all = fences.length;
  await piece();
  assert.is(fences.length, all);
  assert.is(waited.at(-1), all - 1);
});

test('what is written to a view counts as what it is, not as the tensor that it is in', async () => {
  using weights = convWeights(engine, { weight: [1], shape: [1, 1, 1, 1] });
  using x = engine.allocate([1, 1, 256, 256]);
  using y = engine.allocate([1, 128, 256, 256]);
  await engine.finished(); // with what was issued before
  fences = [];
  for (let i = 0; i < 16; i++) {
    conv2d(engine, x, weights, { into: y.channels(4 * i, 1) });
    await engine.settle();
  }
  assert.is(fences.length, 0);
  await engine.finished();
});

test('little work has no end to wait for', async () => {
  await piece();
  assert.is(fences.length, 0);
});

test.run();
