/** Where a tensor lies in its texture and in how many draws it is written makes no difference to a single bit. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { conv2d, convWeights } from '../../src/ops/conv2d.ts';
import { openDevice } from '../../src/tensor/device.ts';
import { channels, generate, normal } from '../reference/array.ts';
import { concat } from '../reference/concat.ts';
import { operate, sharedEngine, upload, using } from '../support/engine.ts';
import { NarrowEngine } from '../support/narrow.ts';
import { OPERATIONS } from '../support/operations.ts';

const test = suite('atlas');

let engine: NarrowEngine;

test.before(async () => {
  engine = new NarrowEngine(openDevice((await sharedEngine()).gl));
});

test.after(() => engine.dispose());

for (const { name, inputs, run } of OPERATIONS) {
  test(`${name}, in narrow textures and bands`, async () => {
    const clean = await operate(inputs, run);
    for (const columns of [1, 3]) {
      engine.columns = columns;
      assert.equal(await operate(inputs, run, engine), clean, `${columns} columns`);
    }
  });
}

test('a draw that would take long is split into bands that cover it', async () => {
  const whole = await sharedEngine();
  const [c, size, quads] = [64, 128, 16];
  const parameters = { weight: normal([c, c, 3, 3], 1).data, shape: [c, c, 3, 3] };
  using x = upload(whole, normal([1, c, size, size], 2));
  const bands = bandsOf(whole.gl, () => {
    using(convWeights(whole, parameters), (weights) => conv2d(whole, x, weights).dispose());
  });
  assert.ok(bands.length > 1, `${bands.length} draws`);
  // A fragment fetches 66 texels for each quad of the input, and a slow driver some 150 million in a second.
  for (const { width, height } of bands) assert.ok(width * height * quads * 66 <= 32e6, `${width} x ${height}`);
  let end = 0;
  for (const { y, height } of bands) {
    assert.is(y, end);
    end += height;
  }
  using out = whole.allocate([1, c, size, size]);
  assert.is(end, out.layout.textureHeight);
});

test('values survive the way up and down', async () => {
  engine.trim(); // so that it is not laid out anew in a texture that is there
  engine.columns = 4;
  const x = normal([3, 22, 2, 17], 1);
  using tensor = upload(engine, x);
  assert.is(tensor.layout.textureWidth, 4 * Math.ceil(17 / engine.format.attachments));
  assert.is(tensor.layout.textureHeight, 10);
  assert.equal([...(await tensor.read())], [...x.data]);
});

test('a view that begins and ends in the middle of rows', async () => {
  const identity = generate([16, 16, 1, 1], (o, i) => (o === i ? 1 : 0));
  const [x, rest] = [normal([2, 16, 3, 9], 1), normal([2, 31, 3, 9], 2)];
  for (const columns of [1, 3, 5, 16]) {
    engine.columns = columns;
    using input = upload(engine, x);
    using target = upload(engine, rest);
    const into = target.channels(8, 16);
    const parameters = { weight: identity.data, shape: identity.shape };
    using(convWeights(engine, parameters), (weights) => conv2d(engine, input, weights, { into }));
    assert.equal([...(await into.read())], [...x.data]);
    const expected = [channels(rest, 0, 8), x, channels(rest, 24, 31)].reduce(concat);
    assert.equal([...(await target.read())], [...expected.data], `${columns} columns`);
  }
});

/** The viewports of what is drawn meanwhile. */
function bandsOf(gl: WebGL2RenderingContext, draw: () => void): { y: number; width: number; height: number }[] {
  const bands: { y: number; width: number; height: number }[] = [];
  gl.viewport = (x, y, width, height) => {
    bands.push({ y, width, height });
    WebGL2RenderingContext.prototype.viewport.call(gl, x, y, width, height);
  };
  try {
    draw();
  } finally {
    Reflect.deleteProperty(gl, 'viewport');
  }
  return bands;
}

test.run();
