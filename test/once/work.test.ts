/** Work by formula against work as a device counts it: kernels that add up their own fetches and exponentials. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { drawWork, WorkCounter } from '../../bench/limits/work.ts';
import type { Work } from '../../bench/results.ts';
import { conv2d, convWeights } from '../../src/ops/conv2d.ts';
import { depthwiseConv2d, depthwiseWeights } from '../../src/ops/depthwise.ts';
import { type Attachments, openDevice } from '../../src/tensor/device.ts';
import type { Inputs } from '../../src/tensor/draw.ts';
import { Engine } from '../../src/tensor/engine.ts';
import { ceilDiv, quadsOf } from '../../src/tensor/layout.ts';
import type { Kernel } from '../../src/tensor/program.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { sharedEngine, upload, using } from '../support/engine.ts';
import { MIX, OPERATIONS } from '../support/operations.ts';

/** What a device can count: it knows its functions' calls, not its operators. */
type Counted = Omit<Work, 'multiplyAdds'>;

const PREFIX = `
int fetched = 0, exponentials = 0;
float counted(float x) { exponentials++; return x; }
vec4 counted(vec4 x) { exponentials += 4; return x; }
#define texelFetch(s, p, l) (fetched++, texelFetch(s, p, l))
#define exp(x) exp(counted(x))
#define exp2(x) exp2(counted(x))
#define main kernel
`;
// The last lane keeps alive what the kernel computes, and with it the uniforms that it needs.
const SUFFIX = `
#undef main
void main() {
  kernel();
#if BRICK == 8
  vec4 sum = sumOf(Brick(out0, out1, out2, out3, out4, out5, out6, out7));
#elif BRICK == 4
  vec4 sum = sumOf(Brick(out0, out1, out2, out3));
#else
  vec4 sum = out0;
#endif
  storeAll(filled(vec4(0)));
  out0 = vec4(fetched, exponentials, 1, sum.x + sum.y + sum.z + sum.w);
}
`;

/** After each draw, draws the same kernel again with a main of its own, which writes what the kernel's did. */
class CountingEngine extends Engine {
  private readonly counts: Tensor[] = [];

  override draw(kernel: Kernel, out: Tensor, inputs: Inputs, fetches: number): void {
    super.draw(kernel, out, inputs, fetches);
    const { shader, constants } = kernel;
    const { pixels } = out.layout.brick;
    const [n, , h, w] = out.shape;
    const counts = this.allocate(
      [n, 4 * out.quads, h, w],
      pixels === 1 && this.format.attachments > 1 ? 'carry' : 'exact',
    );
    // Precisions have to be there before the prefix's functions: brick.glsl states them.
    const counting = {
      file: `${shader.file} counting`,
      source: `precision highp float;\nprecision highp int;\n${PREFIX}${shader.source}${SUFFIX}`,
      origins: shader.origins,
    };
    super.draw({ shader: counting, constants }, counts, inputs, fetches);
    this.counts.push(counts);
  }

  /** What was counted since the last time. */
  async counted(): Promise<Counted> {
    const total = { exponentials: 0, fetches: 0, writes: 0, draws: 0 };
    for (const counts of this.counts.splice(0)) {
      const values = await counts.read();
      const pixels = counts.shape[2] * counts.shape[3];
      const { brick } = counts.layout;
      for (let i = 0; i < values.length; i++) {
        const lane = Math.floor(i / pixels) % 4;
        if (lane === 0) total.fetches += values[i];
        if (lane === 1) total.exponentials += values[i];
        if (lane === 2) total.writes += values[i] * brick.pixels * brick.quads;
      }
      total.draws += counts.shape[0];
      counts.dispose();
    }
    return total;
  }
}

const test = suite('work');

// Not every browser has eight.
const { attachments: most } = (await sharedEngine()).format;

for (const attachments of ([8, 4, 1] as Attachments[]).filter((choice) => choice <= most)) {
  let engine: CountingEngine | undefined;
  // Fewer with smaller bricks: each takes a compilation of its own.
  const cases = attachments === 8 ? OPERATIONS : [...MIX, ...OPERATIONS.filter(({ name }) => name.startsWith('scan'))];

  for (const { name, inputs, run } of new Set(cases)) {
    test(`${name}, with ${attachments}`, async () => {
      const { gl } = await sharedEngine();
      const counting = engine ?? new CountingEngine(openDevice(gl, { attachments, fetch: 'texel' }));
      engine = counting;
      const counter = new WorkCounter(counting.format);
      const tensors = inputs.map((input) => upload(counting, input));
      // The operations make their weights on an engine; what they draw goes to the counter.
      const forked = Object.assign(Object.create(counting), { draw: both(counting, counter) });
      const y = run(forked, ...tensors);
      const { multiplyAdds: _, ...expected } = counter.work;
      assert.equal(expected, await counting.counted());
      for (const tensor of [...tensors, y]) tensor.dispose();
    });
  }

  test.after(() => engine?.dispose());
}

/** Draws on a device and counts. */
function both(engine: Engine, counter: WorkCounter): Engine['draw'] {
  return (kernel, out, inputs, fetches) => {
    counter.draw(kernel, out, inputs);
    engine.draw(kernel, out, inputs, fetches);
  };
}

// Operators cannot be counted on a device, so multiply-adds are counted by walking over what is computed, tap by tap.

const SHAPE = [2, 6, 5, 11] as const; // n, c, h, w

/** The multiply-adds of an operation on a tensor of SHAPE. */
async function multiplyAddsOf(run: (counter: WorkCounter, x: Tensor, engine: Engine) => Tensor): Promise<number> {
  const engine = await sharedEngine();
  const counter = new WorkCounter(engine.format);
  run(counter, counter.allocate(SHAPE), engine);
  return counter.work.multiplyAdds;
}

/** Calls `visit` for every float that a tensor of `channels` stores, padding to whole quads and bricks included. */
function eachStored(channels: number, brick: number, visit: (row: number) => void): void {
  const [n, , h, w] = SHAPE;
  for (let i = 0; i < n * quadsOf(channels) * 4; i++)
    for (let y = 0; y < h; y++) for (let x = 0; x < ceilDiv(w, brick) * brick; x++) visit(y);
}

for (const kernel of [1, 3]) {
  test(`multiply-adds of a ${kernel}x${kernel} convolution, tap by tap`, async () => {
    const out = 7;
    const [, inputs, h] = SHAPE;
    const found = await multiplyAddsOf((counter, x, engine) => {
      const weight = new Float32Array(out * inputs * kernel * kernel);
      return using(convWeights(engine, { weight, shape: [out, inputs, kernel, kernel] }), (weights) =>
        conv2d(counter, x, weights, { residual: counter.allocate([SHAPE[0], out, SHAPE[2], SHAPE[3]]) }),
      );
    });
    let expected = 0;
    const radius = (kernel - 1) / 2;
    eachStored(out, (await sharedEngine()).format.attachments, (y) => {
      for (let dy = -radius; dy <= radius; dy++)
        for (let dx = -radius; dx <= radius; dx++)
          if (y + dy >= 0 && y + dy < h) for (let i = 0; i < 4 * quadsOf(inputs); i++) expected++;
      expected += kernel === 1 ? 2 : 1; // the residual; a bias that is added, where the sum does not begin with it
    });
    assert.is(found, expected);
  });
}

test('multiply-adds of a depthwise convolution, tap by tap', async () => {
  const [, channels, h] = SHAPE;
  const found = await multiplyAddsOf((counter, x, engine) =>
    using(depthwiseWeights(engine, { weight: new Float32Array(9 * channels) }), (weights) =>
      depthwiseConv2d(counter, x, weights),
    ),
  );
  let expected = 0;
  eachStored(channels, (await sharedEngine()).format.attachments, (y) => {
    for (let dy = -1; dy <= 1; dy++) for (let dx = -1; dx <= 1; dx++) if (y + dy >= 0 && y + dy < h) expected++;
  });
  assert.is(found, expected);
});

test('a kernel without a formula is named', () => {
  const shader = { file: 'src/glsl/unheard_of.frag', source: '', origins: [] };
  const counter = new WorkCounter({ attachments: 8, precision: 'f32', maxTextureSize: 2048 });
  const x = counter.allocate([1, 4, 4, 4]);
  assert.throws(() => drawWork({ shader }, x, {}), /unheard_of\.frag/);
});

test.run();
