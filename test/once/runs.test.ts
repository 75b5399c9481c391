/** The course of a run: its progress, its turn, its abort, and that nothing is made again or left behind. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { load, type Model, type Progress } from '../../src/index.ts';
import { createEngine } from '../../src/tensor/engine.ts';
import { sharedEngine } from '../support/engine.ts';
import { bundledModel } from '../support/models.ts';
import { gradient } from '../support/pictures.ts';
import { rejection } from '../support/rejection.ts';

const test = suite('runs');

const derain = (): Promise<Model> => bundledModel('derain');

test('progress rises to 1 through every stage', async () => {
  const engine = await sharedEngine();
  const seen: Progress[] = [];
  const onProgress = (p: Progress): void => void seen.push(p);
  using model = await load('/weights/derain-tiny.safetensors', { engine, onProgress });
  await model.restore(gradient(16, 16), { onProgress });
  for (const stage of ['load', 'compile', 'run']) {
    const fractions = seen.filter((p) => p.stage === stage).map((p) => p.fraction);
    assert.ok(fractions.length >= 2, `${stage} reported ${fractions.length} times`);
    assert.is(fractions.at(-1), 1, `${stage} ends at 1`);
    assert.ok(
      fractions.every((f, i) => f >= 0 && f <= 1 && (i === 0 || f >= fractions[i - 1])),
      `${stage} rises: ${fractions.join(' ')}`,
    );
  }
  assert.ok(seen.filter((p) => p.stage === 'run').length > 20, 'a run reports more than its ends');
});

test('an aborted run stops soon, leaks nothing, and the next one works', async () => {
  const model = await derain();
  const { engine } = model;
  const image = gradient(64, 64);
  const expected = await model.restore(image);
  const { live, fixed } = engine.memory;
  const drawsBefore = engine.draws;
  await model.restore(image);
  const wholeRun = engine.draws - drawsBefore;
  const controller = new AbortController();
  const started = engine.draws;
  const aborted = model.restore(image, {
    signal: controller.signal,
    onProgress: ({ fraction }) => fraction > 0.3 && controller.abort(),
  });
  assert.is((await rejection(aborted)).name, 'AbortError');
  assert.ok(engine.draws - started < wholeRun / 2, `${engine.draws - started} of ${wholeRun} draws were made`);
  assert.equal({ live: engine.memory.live, fixed: engine.memory.fixed }, { live, fixed });
  assert.is((await rejection(model.restore(image, { signal: AbortSignal.abort() }))).name, 'AbortError');
  assert.equal((await model.restore(image)).data, expected.data);
});

test('a picture that waits for its turn is given up at once when it is aborted', async () => {
  const model = await derain();
  let done = false;
  const first = model.restore(gradient(64, 64)).then(() => {
    done = true;
  });
  const controller = new AbortController();
  const second = model.restore(gradient(8, 8), { signal: controller.signal });
  const third = model.restore(gradient(8, 8));
  controller.abort(new Error('enough'));
  assert.is((await rejection(second)).message, 'enough');
  assert.not(done);
  await first;
  assert.is((await third).width, 8);
});

test('repeated runs keep the byte count and create nothing', async () => {
  const model = await derain();
  const { engine } = model;
  await model.restore(gradient(24, 16));
  const before = { memory: engine.memory, created: engine.created };
  const calls = await callsOf(engine.gl, ['createTexture', 'createFramebuffer', 'createProgram'], async () => {
    for (let i = 0; i < 5; i++) await model.restore(gradient(24, 16));
  });
  assert.equal(calls, { createTexture: 0, createFramebuffer: 0, createProgram: 0 });
  assert.equal({ memory: engine.memory, created: engine.created }, before);
});

/** How often functions of a context are called during some work. */
async function callsOf<K extends 'createTexture' | 'createFramebuffer' | 'createProgram'>(
  gl: WebGL2RenderingContext,
  names: readonly K[],
  work: () => Promise<void>,
): Promise<Record<K, number>> {
  const counts = Object.fromEntries(names.map((name) => [name, 0])) as Record<K, number>;
  for (const name of names) {
    const original = gl[name].bind(gl) as () => never;
    gl[name] = () => {
      counts[name]++;
      return original();
    };
  }
  try {
    await work();
  } finally {
    for (const name of names) delete (gl as Partial<WebGL2RenderingContext>)[name];
  }
  return counts;
}

test('all programs are there once it is loaded, and a disposed model leaves nothing', async () => {
  const engine = await createEngine();
  const model = await load('/weights/derain-tiny.safetensors', { engine });
  assert.ok(engine.memory.fixed > 3e6, 'weights are counted');
  const { programs } = engine.created;
  await model.restore(gradient(8, 8));
  assert.is(engine.created.programs, programs);
  model.dispose();
  engine.trim();
  const { live, pooled, fixed } = engine.memory;
  assert.equal({ live, pooled, fixed }, { live: 0, pooled: 0, fixed: 0 });
  engine.dispose();
});

test.run();
