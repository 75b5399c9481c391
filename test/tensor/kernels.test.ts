/** A mistake in a kernel has to name its file and line, and never to pass in silence. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import conv1x1 from '../../src/glsl/conv1x1.frag';
import { conv2d, convWeights } from '../../src/ops/conv2d.ts';
import { add } from '../../src/ops/elementwise.ts';
import { scanWeights, selectiveScan } from '../../src/ops/scan.ts';
import type { Inputs } from '../../src/tensor/draw.ts';
import type { Engine } from '../../src/tensor/engine.ts';
import { KernelError } from '../../src/tensor/errors.ts';
import type { Kernel, ShaderSource } from '../../src/tensor/program.ts';
import { normal } from '../reference/array.ts';
import { leakFree, sharedEngine, upload, using } from '../support/engine.ts';

const test = suite('kernels');

/** Programs are known by their file: every shader here has its own. */
function shader(file: string, lines: readonly string[], origins?: ShaderSource['origins']): ShaderSource {
  const head = [
    'precision highp float;',
    'precision highp sampler2DArray;',
    'layout(location = 0) out vec4 outs[BRICK];',
  ];
  return { file, source: [...head, ...lines].join('\n'), origins: origins ?? [[1, file, 1]] };
}

/** Draws a kernel on a small tensor, with x another one. */
async function draw(kernel: Kernel, inputs: (engine: Engine) => Inputs = () => ({})): Promise<void> {
  const engine = await sharedEngine();
  await leakFree(engine, () => {
    using out = engine.allocate([1, 1, 1, 1]);
    engine.draw(kernel, out, inputs(engine), 1);
  });
}

async function messageOf(work: Promise<void>): Promise<string> {
  const error = await work.then(
    () => 'no error',
    (reason) => reason,
  );
  assert.instance(error, KernelError);
  return error.message;
}

test('an error of the compiler names the real file and line and shows it', async () => {
  const lines = [
    'float halved(float x) { return x / 2.; }',
    '',
    'void main() {',
    '  outs[0] = vec4(undefinedName);',
    '}',
  ];
  // As if lines 4 and 5 had come from an included file, and the rest of main.frag went on from its line 12.
  const broken = shader('broken.frag', lines, [
    [1, 'broken.frag', 1],
    [4, 'lib/some.glsl', 20],
    [6, 'broken.frag', 12],
  ]);
  const message = await messageOf(draw({ shader: broken }));
  assert.match(
    message,
    /^broken\.frag does not compile:\nbroken\.frag:13: .*undefinedName.*\n {4}outs\[0\] = vec4\(undefinedName\);/,
  );
  // Constants are lines of their own ahead of the source.
  const constants = { ONE: 1, TWO: 2 };
  assert.match(await messageOf(draw({ shader: broken, constants })), /\nbroken\.frag:13: .*undefinedName/);
});

test('an error in an included file names that file', async () => {
  const lines = ['float halved(float x) { return y; }', '', 'void main() { outs[0] = vec4(halved(1.)); }'];
  const included = shader('includes.frag', lines, [
    [1, 'includes.frag', 1],
    [4, 'lib/some.glsl', 20],
    [6, 'includes.frag', 12],
  ]);
  const message = await messageOf(draw({ shader: included }));
  assert.match(message, /\nlib\/some\.glsl:20: .*'y'.*\n {4}float halved\(float x\) \{ return y; \}/);
});

test('it is the same error the next time, and from compile', async () => {
  const engine = await sharedEngine();
  const kernel = { shader: shader('twice.frag', ['void main() { outs[0] = 1; }']) };
  const first = await messageOf(draw(kernel));
  assert.match(first, /twice\.frag:4: /);
  assert.is(await messageOf(draw(kernel)), first);
  assert.is(await messageOf(engine.compile([kernel])), first);
});

test('a program that does not link is an error', async () => {
  const lines = ['in vec4 nobodyWritesThis;', 'void main() { outs[0] = nobodyWritesThis; }'];
  const message = await messageOf(draw({ shader: shader('unlinked.frag', lines) }));
  assert.match(message, /^unlinked\.frag does not compile:\n.*nobodyWritesThis/);
});

const uniforms = shader('uniforms.frag', [
  'uniform vec2 u_scale;',
  'struct Tensor { sampler2DArray texels; ivec4 shape; };',
  'uniform Tensor u_x;',
  'uniform ivec4 u_out_shape;',
  'uniform int u_out_groups;',
  'void main() {',
  '  vec4 v = texelFetch(u_x.texels, ivec3(0), 0) * u_scale.x * float(u_x.shape.x + u_out_shape.x + u_out_groups);',
  '  outs[0] = v;',
  '}',
]);

test('a uniform that the shader lacks, and one that it is not given', async () => {
  const engine = await sharedEngine();
  using x = upload(engine, normal([1, 1, 1, 1], 1));
  const complete = { x, scale: [1, 2] };
  await draw({ shader: uniforms }, () => complete);
  const unknown = await messageOf(draw({ shader: uniforms }, () => ({ ...complete, offset: 3 })));
  assert.match(unknown, /^uniforms\.frag has no uniform u_offset; it has .*u_scale/);
  const missing = await messageOf(draw({ shader: uniforms }, () => ({ x })));
  assert.is(missing, 'uniforms.frag was drawn without its uniform u_scale.');
  for (const inputs of [{ scale: [1, 2] }, { x: 3, scale: [1, 2] }] as Inputs[]) {
    const bare = await messageOf(draw({ shader: uniforms }, () => inputs));
    assert.is(bare, 'uniforms.frag was drawn without a texture for u_x.');
  }
});

test('a texture that the shader does not read', async () => {
  const engine = await sharedEngine();
  using x = upload(engine, normal([1, 1, 1, 1], 1));
  using weights = engine.weights(new Float32Array(4), 1, 1);
  const complete = { x, scale: [1, 2] };
  for (const extra of [{ y: x }, { y: weights }])
    assert.match(await messageOf(draw({ shader: uniforms }, () => ({ ...complete, ...extra }))), /u_y/);
});

test('a texture of another kind than the shader reads', async () => {
  const engine = await sharedEngine();
  using x = upload(engine, normal([1, 1, 1, 1], 1));
  using weights = engine.weights(new Float32Array(4), 1, 1);
  const message = await messageOf(draw({ shader: uniforms }, () => ({ x: weights, scale: [1, 2] })));
  assert.is(message, 'uniforms.frag reads a tensor as u_x.');
  const flat = shader('flat.frag', [
    'struct Weights { sampler2D texels; };',
    'uniform Weights u_w;',
    'uniform ivec4 u_out_shape;',
    'uniform int u_out_groups;',
    'void main() { outs[0] = texelFetch(u_w.texels, ivec2(0), 0) * float(u_out_shape.x + u_out_groups); }',
  ]);
  await draw({ shader: flat }, () => ({ w: weights }));
  assert.is(await messageOf(draw({ shader: flat }, () => ({ w: x }))), 'flat.frag reads weights or a picture as u_w.');
});

test('an error in a kernel as it is built names the line of the file on the disk', async () => {
  const text = await (await fetch('/src/glsl/lib/brick.glsl')).text();
  const words = 'struct Weights {';
  const line = text.slice(0, text.indexOf(words)).split('\n').length;
  const broken = {
    ...conv1x1,
    file: 'broken copy',
    source: conv1x1.source.replace(words, `${words} undefinedType x;`),
  };
  const message = await messageOf(draw({ shader: broken }));
  assert.ok(message.includes(`\nsrc/glsl/lib/brick.glsl:${line}: `), message);
  assert.match(message, /\n {4}struct Weights \{ undefinedType x;/);
});

test('a kernel that would read what it writes', async () => {
  const engine = await sharedEngine();
  await leakFree(engine, () => {
    using x = upload(engine, normal([1, 16, 1, 9], 1));
    using large = upload(engine, normal([1, 32, 1, 9], 1));
    const isError = (error: Error) =>
      error instanceof KernelError && /would read u_x while writing to it/.test(error.message);
    const parameters = { weight: new Float32Array(256), shape: [16, 16, 1, 1] };
    using(convWeights(engine, parameters), (weights) => {
      assert.throws(() => conv2d(engine, x, weights, { into: x }), isError);
      // A part of the same texture is the same texture.
      const [a, b] = [large.channels(0, 16), large.channels(16, 16)];
      assert.throws(() => conv2d(engine, a, weights, { into: b }), isError);
    });
    using(scanWeights(engine, new Float32Array(256), new Float32Array(16)), (weights) => {
      const inputs = { u: x, delta: x, b: x, c: x, weights };
      const isOwn = (error: Error) => error instanceof KernelError && /while writing to it/.test(error.message);
      assert.throws(() => selectiveScan(engine, inputs, { into: x }), isOwn);
    });
    using fine = add(engine, x, x);
    assert.ok(fine.storage);
  });
});

test.run();
