/** A context that is lost while a model uses it, and given back: the model works again, without the caller's help. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { DeviceError, InputError, load, type Model, type Progress, type WeightsSource } from '../../src/index.ts';
import { createEngine, type Engine } from '../../src/tensor/engine.ts';
import { LosableContext, newContext } from '../support/context.ts';
import { fixtureBytes } from '../support/fixtures.ts';
import { gradient } from '../support/pictures.ts';
import { rejectsWith } from '../support/rejection.ts';

const test = suite('models and lost contexts');
const WEIGHTS = 'derain.weights.safetensors';
const WEIGHTS_URL = `/fixtures/${WEIGHTS}`;
const image = gradient(40, 24);
const LOST = /context was lost/;

/** Of one attachment, since kernels are compiled again and again here: for eight, SwiftShader takes twice as long. */
const open = (target?: Parameters<typeof createEngine>[0]): Promise<Engine> => createEngine(target, { attachments: 1 });

/** The picture that the fixture's network makes of `image`. */
let expected: Uint8ClampedArray;
/** The bytes that a model takes once it has restored `image`. */
let settled: Pick<Engine['memory'], 'live' | 'pooled' | 'fixed'>;

test.before(async () => {
  await onEngine(await open(), WEIGHTS_URL, async (model) => {
    expected = (await model.restore(image)).data;
    settled = bytesOf(model);
    assert.ok(settled.fixed > 1e5 && settled.pooled > 1e5);
  });
});

/** Gives a model on an engine that is its own, and disposes both. */
async function onEngine(
  engine: Engine,
  source: WeightsSource,
  use: (model: Model, context: LosableContext) => Promise<void>,
): Promise<void> {
  const context = new LosableContext(engine);
  const model = await load(source, { engine });
  await use(model, context);
  model.dispose();
  engine.dispose();
  if (!engine.gl.isContextLost()) context.lose(); // browsers keep only so many
}

function bytesOf({ engine }: Model): typeof settled {
  const { live, pooled, fixed } = engine.memory;
  return { live, pooled, fixed };
}

/** Checks that the model gives the picture again, and ends with the same bytes and nothing left to make. */
async function worksAgain(model: Model): Promise<void> {
  assert.equal((await model.restore(image)).data, expected, 'the picture');
  assert.equal(bytesOf(model), settled);
  const { created } = model.engine;
  assert.equal((await model.restore(image)).data, expected, 'the picture of a second run');
  assert.equal(model.engine.created, created);
  assert.equal(bytesOf(model), settled);
}

test('lost in the middle of a run, with others waiting', async () => {
  await onEngine(await open(), WEIGHTS_URL, async (model, context) => {
    const runs = [
      model.restore(image, { onProgress: ({ fraction }) => fraction > 0.3 && context.lose() }),
      model.restoreTensor(image),
    ];
    await rejectsWith(runs[0], DeviceError, LOST);
    const rejected = performance.now();
    await rejectsWith(runs[1], DeviceError, LOST);
    await rejectsWith(model.restore(image), DeviceError, LOST);
    assert.ok(performance.now() - rejected < 500, 'what comes after a loss rejects at once');
    await context.giveBack();
    await offline(() => worksAgain(model));
  });
});

/** Where the engine's context is, and where the weights come from. */
const kinds: Record<string, () => Promise<[Engine, WeightsSource]>> = {
  'on a canvas of the page, weights from a file': async () => [
    await open(document.createElement('canvas')),
    new Blob([await fixtureBytes(WEIGHTS)]),
  ],
  'on a bare context, weights from bytes that are overwritten': async () => [
    await open(newContext()),
    await fixtureBytes(WEIGHTS),
  ],
};

for (const [kind, openKind] of Object.entries(kinds)) {
  test(`lost while idle, ${kind}`, async () => {
    const [engine, source] = await openKind();
    await onEngine(engine, source, async (model, context) => {
      if (source instanceof ArrayBuffer) new Uint8Array(source).fill(0);
      await model.restore(image);
      await context.loseAndWait();
      assert.equal(bytesOf(model), { live: 0, pooled: 0, fixed: 0 });
      await rejectsWith(model.restore(image), DeviceError, LOST);
      assert.ok((await model.plan(40, 24)).draws > 100, 'a plan needs no device');
      await context.giveBack();
      const stages = new Set<string>();
      const onProgress = ({ stage }: Progress): void => void stages.add(stage);
      await offline(() => model.restore(image, { onProgress }));
      assert.equal([...stages], ['load', 'compile', 'run']);
      await worksAgain(model);
    });
  });
}

/** Runs `use` while nothing can be fetched. */
async function offline(use: () => Promise<unknown>): Promise<void> {
  const { fetch } = globalThis;
  globalThis.fetch = () => Promise.reject(new Error('offline'));
  try {
    await use();
  } finally {
    globalThis.fetch = fetch;
  }
}

test('lost and given back between two steps of a run', async () => {
  await onEngine(await open(), WEIGHTS_URL, async (model, context) => {
    let back: Promise<void> | undefined;
    const run = model.restore(image, {
      onProgress: ({ fraction }) => {
        if (fraction > 0.3) back ??= context.loseAndWait().then(() => context.giveBack());
      },
    });
    await rejectsWith(run, DeviceError, LOST);
    await back;
    await worksAgain(model);
  });
});

for (const stage of ['load', 'compile'] as const) {
  test(`lost during the stage '${stage}' of load`, async () => {
    const engine = await open();
    const context = new LosableContext(engine);
    const bytes = await fixtureBytes(WEIGHTS);
    const lost = load(bytes, { engine, onProgress: (progress) => progress.stage === stage && context.lose() });
    await rejectsWith(lost, DeviceError, LOST);
    await rejectsWith(load(bytes, { engine }), DeviceError, LOST);
    await context.giveBack();
    assert.is(engine.memory.fixed, 0);
    const model = await load(bytes, { engine });
    await worksAgain(model);
    model.dispose();
    engine.dispose();
    context.lose();
  });
}

test('lost again while the weights are loaded again', async () => {
  await onEngine(await open(), WEIGHTS_URL, async (model, context) => {
    await context.loseAndWait();
    await context.giveBack();
    for (const stage of ['load', 'compile']) {
      const again = new LosableContext(model.engine);
      const run = model.restore(image, { onProgress: (progress) => progress.stage === stage && again.lose() });
      await rejectsWith(run, DeviceError, LOST);
      await again.giveBack();
    }
    const controller = new AbortController();
    const aborted = model.restore(image, {
      signal: controller.signal,
      onProgress: ({ stage }) => stage === 'compile' && controller.abort(),
    });
    await rejectsWith(aborted, DOMException as never, /abort/);
    assert.is(model.engine.memory.fixed, 0, 'what was loaded before the abort');
    await worksAgain(model);
  });
});

test('disposed while it is lost', async () => {
  const engine = await open(document.createElement('canvas'));
  const context = new LosableContext(engine);
  const model = await load(await fixtureBytes(WEIGHTS), { engine });
  await model.restore(image);
  await context.loseAndWait();
  model.dispose();
  await rejectsWith(model.restore(image), InputError, /used after it was disposed/);
  engine.dispose();
  await context.giveBack();
  assert.equal(bytesOf(model), { live: 0, pooled: 0, fixed: 0 });
  context.lose();
});

test('disposed while the weights are loaded again', async () => {
  await onEngine(await open(), WEIGHTS_URL, async (model, context) => {
    await context.loseAndWait();
    await context.giveBack();
    const run = model.restore(image, { onProgress: ({ stage }) => stage === 'compile' && model.dispose() });
    await rejectsWith(run, InputError, /disposed while it was loaded again/);
    assert.is(model.engine.memory.fixed, 0);
  });
});

test.run();
