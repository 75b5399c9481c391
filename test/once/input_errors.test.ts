/** What cannot be used is refused in a sentence with the values in it, before anything is allocated. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type ChannelScanParameters,
  channelScanWeights,
  channelScan as scanOverChannels,
} from '../../src/ops/channel_scan.ts';
import {
  type ConvOptions,
  type ConvParameters,
  conv2d,
  convWeights,
  type NormParameters,
} from '../../src/ops/conv2d.ts';
import { type DepthwiseOptions, depthwiseConv2d, depthwiseWeights } from '../../src/ops/depthwise.ts';
import { add, multiply } from '../../src/ops/elementwise.ts';
import { layerNorm, layerNormStats, layerNormWeights } from '../../src/ops/layer_norm.ts';
import { concat, pixelShuffle, pixelUnshuffle, transpose, upsampleNearest } from '../../src/ops/rearrange.ts';
import { type ScanInputs, type ScanOptions, scanWeights, selectiveScan } from '../../src/ops/scan.ts';
import { stepSizes } from '../../src/ops/step_sizes.ts';
import type { Engine } from '../../src/tensor/engine.ts';
import { InputError, SizeError } from '../../src/tensor/errors.ts';
import type { Shape } from '../../src/tensor/layout.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { leakFree, sharedEngine, using } from '../support/engine.ts';
import { channelScanParameters } from '../support/operations.ts';

const test = suite('input errors');

/** Tensors of a test, disposed after it. */
type Make = (...shape: Shape) => Tensor;

function refuses(what: string, message: RegExp, use: (engine: Engine, make: Make) => unknown, kind = InputError): void {
  test(what, async () => {
    const engine = await sharedEngine();
    await leakFree(engine, () => {
      const tensors: Tensor[] = [];
      const make: Make = (...shape) => {
        tensors.push(engine.allocate(shape));
        return tensors[tensors.length - 1];
      };
      try {
        assert.throws(
          () => use(engine, make),
          (error: Error) => {
            if (error instanceof kind && message.test(error.message)) return true;
            throw new Error(`instead there was: ${error}`);
          },
        );
      } finally {
        for (const tensor of tensors) tensor.dispose();
      }
    });
  });
}

/** Values that are no number of channels and no factor. */
const ABSURD = [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY];

for (const value of ABSURD) {
  refuses(`a tensor of ${value} pixels`, /A tensor cannot have the shape \[1, 2, .*, 3\]/, (engine) =>
    engine.allocate([1, 2, value, 3]),
  );
  refuses(`weights of ${value} texels`, /cannot have .* texels/, (engine) =>
    engine.weights(new Float32Array(4), value, 1),
  );
  refuses(`a picture of ${value} pixels`, /cannot have .* texels/, (engine) => engine.picture(4, value));
  refuses(`an enlargement by ${value}`, /enlarged by a whole number from 1 on, not by/, (engine, make) =>
    upsampleNearest(engine, make(1, 1, 2, 2), value),
  );
}
refuses('a tensor of three dimensions', /A tensor cannot have the shape \[1, 2, 3\]/, (engine) =>
  engine.allocate([1, 2, 3] as unknown as Shape),
);
refuses('too few values', /shape \[1, 2, 1, 2\] has 4 values, not 3/, (engine) =>
  engine.tensor([1, 2, 3], [1, 2, 1, 2]),
);
refuses('too few texels', /Weights of 2 x 1 texels have 8 values, not 4/, (engine) =>
  engine.weights(new Float32Array(4), 2, 1),
);
refuses(
  'a picture wider than a texture',
  /does not fit a texture of/,
  (engine) => engine.allocate([1, 1, 1, 8 * engine.format.maxTextureSize + 1]),
  SizeError,
);
refuses(
  'a picture higher than a texture',
  /does not fit a texture of/,
  (engine, make) => upsampleNearest(engine, make(1, 1, 2, 1), engine.format.maxTextureSize),
  SizeError,
);
refuses(
  'weights wider than a texture',
  /^Weights of .* texels: a side of a texture has at most \d+ on this device\.$/,
  (engine) => engine.weights(new Float32Array(4), 10 * engine.format.maxTextureSize, 1),
  SizeError,
);

function conv(
  what: string,
  message: RegExp,
  parameters: Partial<ConvParameters>,
  options: (make: Make) => ConvOptions & { x?: Tensor } = () => ({}),
): void {
  refuses(`conv2d: ${what}`, message, (engine, make) => {
    const complete = { weight: new Float32Array(30), shape: [6, 5, 1, 1], ...parameters };
    using(convWeights(engine, complete), (weights) => {
      const { x = make(1, weights.inChannels, 3, 9), ...rest } = options(make);
      conv2d(engine, x, weights, rest);
    });
  });
}

for (const shape of [
  [6, 5, 1],
  [6, 5, 2, 2],
  [6, 5, 1, 3],
  [6, 5, 5, 5],
  [0, 5, 1, 1],
  [-6, -5, 1, 1],
  [1.5, 20, 1, 1],
])
  conv(`weights [${shape}]`, /weights of shape \[out, in, 1, 1\] or \[out, in, 3, 3\], not \[/, { shape });
conv('too few weights', /shape \[6, 5, 1, 1\] have 30 values, not 29/, { weight: new Float32Array(29) });
conv('too many biases', /to 6 channels has 6 biases, not 7/, { bias: new Float32Array(7) });
for (const parts of [[], [3, 2], [7], [0, 6], [-2, 8], [1.5, 4.5], [6, Number.NaN]])
  conv(`parts ${parts}`, /Parts of .* channels do not make up 6/, { parts });
const norm = { weight: new Float32Array(5) };
conv('a norm of others', /norm of 4 channels cannot precede a 1x1 convolution of 5/, {
  norm: { weight: new Float32Array(4) },
});
conv('biases of others', /norm of 5 channels has 5 biases, not 4/, { norm: { ...norm, bias: new Float32Array(4) } });
conv('a norm ahead of 3x3', /cannot precede a 3x3 convolution/, {
  weight: new Float32Array(270),
  shape: [6, 5, 3, 3],
  norm,
});
conv('another input', /input of a convolution is \[1, 5, 3, 9\], not \[1, 6, 3, 9\]/, {}, (make) => ({
  x: make(1, 6, 3, 9),
}));
conv('statistics for no norm', /statistics exactly when its weights have a norm/, {}, (make) => ({
  stats: make(1, 2, 3, 9),
}));
conv('no statistics for a norm', /statistics exactly when its weights have a norm/, { norm });
conv('other statistics', /statistics of a norm is \[1, 2, 3, 9\], not \[1, 1, 3, 9\]/, { norm }, (make) => ({
  stats: make(1, 1, 3, 9),
}));
conv('other channel values', /channel values of a convolution is \[1, 5, 1, 1\], not \[1, 4, 1, 1\]/, {}, (make) => ({
  channel: { values: make(1, 4, 1, 1), merge: 'add' },
}));
conv('another merge', /merge of channel values is one of add, gate, not mix/, {}, (make) => ({
  channel: { values: make(1, 5, 1, 1), merge: 'mix' as 'add' },
}));
conv('another activation', /activation of a convolution is one of silu, not relu/, {}, () => ({
  activation: 'relu' as 'silu',
}));
conv('an activation of 3x3', /Only a 1x1 convolution/, { weight: new Float32Array(270), shape: [6, 5, 3, 3] }, () => ({
  activation: 'silu',
}));
conv('another residual', /residual of a convolution is \[1, 6, 3, 9\], not \[1, 6, 9, 3\]/, {}, (make) => ({
  residual: make(1, 6, 9, 3),
}));
conv('another output', /output of a convolution is \[1, 6, 3, 9\], not \[1, 8, 3, 9\]/, {}, (make) => ({
  into: make(1, 8, 3, 9),
}));
for (const range of [
  [2, 4],
  [-4, 8],
  [0, 7],
  [0, 5],
  [4, 0],
  [4, -4],
  [8, 4],
  [0, 2.5],
  [0, Number.NaN],
] as const)
  conv(`range ${range}`, /Channels .* are no range of a convolution to 6/, {}, () => ({ range }));
for (const ofBothParts of [
  [0, 2],
  [2, 1],
  [4, 1],
  [0, 4],
] as const)
  conv(`of both parts ${ofBothParts}`, /Channels .* are no range of parts of 3/, { parts: [3, 3] }, () => ({
    ofBothParts,
  }));
for (const parts of [undefined, [2, 4], [2, 2, 2]])
  conv(
    `both of parts ${parts}`,
    /both parts need weights with two equal parts, not with parts that end at \d/,
    { parts },
    () => ({
      ofBothParts: [0, 2],
    }),
  );
conv('a range of all and of both parts', /a range of all channels or of both parts/, { parts: [3, 3] }, () => ({
  range: [0, 3],
  ofBothParts: [0, 3],
}));
for (const [from, channels] of [
  [0, 3],
  [0, 6],
  [4, 2],
  [8, 1],
  [1, 4],
  [-4, 4],
  [1.5, 4],
  [Number.NaN, 5],
])
  conv(
    `${channels} channels from ${from}`,
    new RegExp(`Channels ${from} to ${from + channels - 1} are no range of a convolution's input of 5`),
    {},
    (make) => ({ x: make(1, channels, 3, 9), from }),
  );

function steps(
  what: string,
  message: RegExp,
  parameters: Partial<ConvParameters>,
  dt = 7,
  range?: readonly [number, number],
): void {
  const packed = { weight: new Float32Array(36), shape: [12, 3, 1, 1], parts: [6, 6], ...parameters };
  refuses(`step sizes: ${what}`, message, (engine, make) =>
    using(convWeights(engine, packed), (weights) => stepSizes(engine, make(1, dt, 3, 9), weights, range)),
  );
}

steps('unequal parts', /weights of a 1x1 convolution without norm, in one part or two equal/, { parts: [4, 8] });
steps('three parts', /in one part or two equal ones/, { parts: [4, 4, 4] });
steps('a norm', /1x1 convolution without norm/, { norm: { weight: [1, 1, 1] } });
steps('a kernel of 3x3', /1x1 convolution/, { weight: new Float32Array(324), shape: [12, 3, 3, 3] });
steps('dt of one direction', /dt of step sizes is \[1, 7, 3, 9\], not \[1, 3, 3, 9\]/, {}, 3);
for (const range of [
  [2, 4],
  [-4, 4],
  [0, 5],
  [4, 4],
  [0, 0],
  [0, Number.NaN],
] as const)
  steps(`range ${range}`, /Channels .* are no range of step sizes of 6/, {}, 7, range);

function depthwise(what: string, message: RegExp, options: DepthwiseOptions, parts?: number[], c = 6): void {
  refuses(`depthwise: ${what}`, message, (engine, make) =>
    using(depthwiseWeights(engine, { weight: new Float32Array(54), parts }), (weights) =>
      depthwiseConv2d(engine, make(1, c, 3, 9), weights, options),
    ),
  );
}

for (const length of [0, 8, 53])
  refuses(`depthwise: ${length} weights`, new RegExp(`9 weights a channel, not ${length} in all`), (engine) =>
    depthwiseWeights(engine, { weight: new Float32Array(length) }),
  );
refuses('depthwise: too few biases', /of 6 channels has 6 biases, not 5/, (engine) =>
  depthwiseWeights(engine, { weight: new Float32Array(54), bias: new Float32Array(5) }),
);
depthwise('parts', /Parts of 3 \+ 4 channels do not make up 6/, {}, [3, 4]);
depthwise('another input', /input of a depthwise convolution is \[1, 6, 3, 9\], not \[1, 5, 3, 9\]/, {}, undefined, 5);
depthwise('a gate without parts', /A gate takes two equal parts of channels, not 6/, { activation: 'gelu-gate' });
depthwise('unequal parts', /A gate takes two equal parts of channels, not 4 \+ 2/, { activation: 'gelu-gate' }, [4, 2]);
depthwise('a range without a gate', /Only 'gelu-gate' takes a range of channels/, { range: [0, 4] });
depthwise('a range with silu', /Only 'gelu-gate' takes a range/, { activation: 'silu', range: [0, 4] });
for (const range of [
  [1, 2],
  [-4, 4],
  [0, 2],
  [0, 4],
  [0, 0],
  [4, 3],
  [0, 1.5],
  [Number.NaN, 3],
] as const)
  depthwise(`range ${range}`, /Channels .* are no range of a gate of 3/, { activation: 'gelu-gate', range }, [3, 3]);
depthwise(
  'another input of a gate',
  /input of a gate is \[1, 7, 3, 9\], not \[1, 6, 3, 9\]/,
  { activation: 'gelu-gate' },
  [3, 3],
);
depthwise('another activation', /is one of silu, gelu-gate, not tanh/, { activation: 'tanh' as 'silu' });

refuses('layer norm: no weights', /a weight for each channel, not none/, (engine) =>
  layerNormWeights(engine, { weight: [] }),
);
refuses('layer norm: too few biases', /layer norm of 3 channels has 3 biases, not 2/, (engine) =>
  layerNormWeights(engine, { weight: [1, 1, 1], bias: [1, 1] }),
);
for (const epsilon of [0, -1e-5, Number.NaN]) {
  const sentence = /epsilon of a layer norm is a number above 0, not/;
  refuses(`layer norm: an epsilon of ${epsilon}`, sentence, (engine) =>
    layerNormWeights(engine, { weight: [1] }, epsilon),
  );
  refuses(`statistics of a norm: an epsilon of ${epsilon}`, sentence, (engine, make) =>
    layerNormStats(engine, make(1, 3, 3, 9), true, epsilon),
  );
}
for (const [what, message, c, gate] of [
  ['another input', /input of a layer norm is \[1, 3, 3, 9\], not \[1, 4, 3, 9\]/, 4, 4],
  ['another gate', /gate of a layer norm is \[1, 3, 3, 9\], not \[1, 4, 3, 9\]/, 3, 4],
] as const)
  refuses(`layer norm: ${what}`, message, (engine, make) =>
    using(layerNormWeights(engine, { weight: [1, 1, 1] }), (weights) =>
      layerNorm(engine, make(1, c, 3, 9), weights, make(1, gate, 3, 9)),
    ),
  );

for (const operation of [add, multiply])
  refuses(`${operation.name} of two shapes`, /second operand is \[1, 3, 2, 5\], not \[1, 3, 5, 2\]/, (engine, make) =>
    operation(engine, make(1, 3, 2, 5), make(1, 3, 5, 2)),
  );
refuses(
  'concat of two sizes',
  /second operand of a concatenation is \[1, 4, 2, 5\], not \[1, 4, 2, 6\]/,
  (engine, make) => concat(engine, make(1, 3, 2, 5), make(1, 4, 2, 6)),
);
refuses('pixel shuffle of 6 channels', /takes a multiple of 4 channels, not 6/, (engine, make) =>
  pixelShuffle(engine, make(1, 6, 2, 2)),
);
refuses('pixel shuffle into another', /a pixel shuffle is \[1, 2, 6, 18\], not \[1, 2, 18, 6\]/, (engine, make) =>
  pixelShuffle(engine, make(1, 8, 3, 9), make(1, 2, 18, 6)),
);
refuses('pixel unshuffle of odd sides', /takes even sides, not 4 x 3/, (engine, make) =>
  pixelUnshuffle(engine, make(1, 1, 3, 4)),
);
refuses('transpose and another sum', /sum of a transposition is \[1, 3, 5, 2\], not \[1, 3, 2, 5\]/, (engine, make) =>
  transpose(engine, make(1, 3, 2, 5), make(1, 3, 2, 5)),
);
function channelScan(
  what: string,
  message: RegExp,
  change: Partial<ChannelScanParameters>,
  shape: readonly [number, number, number, number] = [2, 6, 1, 1],
  norm: NormParameters = { weight: new Float32Array(6), bias: new Float32Array(6) },
): void {
  refuses(`channel scan: ${what}`, message, (engine, make) =>
    using(channelScanWeights(engine, { ...channelScanParameters(2, 3), ...change }), (weights) =>
      using(layerNormWeights(engine, norm), (after) => scanOverChannels(engine, make(...shape), weights, after)),
    ),
  );
}

channelScan('five features', /has a D for one to four features in two directions, not 10/, { d: new Float32Array(10) });
channelScan('odd D', /has a D for one to four features in two directions, not 5/, { d: new Float32Array(5) });
channelScan('short A', /length of A of a scan over channels with 2 features is 64, not 63/, {
  a: new Float32Array(63),
});
channelScan('a rank that is none', /have a multiple of 4 weights, not 7/, { stepWeight: new Float32Array(7) });
channelScan('a lift and no way back', /with 2 features has a lift and a way back, or one feature/, {
  lower: undefined,
});
channelScan('two features without either', /with 2 features has a lift and a way back/, {
  lift: undefined,
  lower: undefined,
});
channelScan('another projection', /length of the projection .* with 2 features is 140, not 70/, {
  projection: new Float32Array(70),
});
channelScan('another bias', /length of the bias of step sizes .* is 4, not 2/, { stepBias: [0, 0] });
channelScan('another lift', /length of the lift of .* is 2, not 3/, { lift: { weight: [1, 2, 3], bias: [1, 2] } });
channelScan('a lift without its biases', /length of the lift’s bias of .* is 2, not 0/, {
  lift: { weight: [1, 2], bias: [] },
});
channelScan('another way back', /length of the way back of .* is 2, not 1/, { lower: { weight: [1], bias: [0] } });
channelScan('another bias on the way back', /length of the bias of the way back .* is 1, not 2/, {
  lower: { weight: [1, 2], bias: [0, 0] },
});
channelScan('a picture', /means of channels is \[1, 6, 1, 1\], not \[1, 6, 1, 2\]/, {}, [1, 6, 1, 2]);
channelScan('other channels', /means of channels is \[1, 6, 1, 1\], not \[1, 5, 1, 1\]/, {}, [1, 5, 1, 1]);
channelScan('a bias-free norm', /ends with a layer norm with a bias/, {}, [1, 6, 1, 1], {
  weight: new Float32Array(6),
});

function scan(
  what: string,
  message: RegExp,
  change: (engine: Engine, make: Make) => Partial<ScanInputs> & ScanOptions,
): void {
  refuses(`scan: ${what}`, message, (engine, make) =>
    using(scanWeights(engine, new Float32Array(96), new Float32Array(6)), (weights) => {
      const { order, firstQuad, into, ...changed } = change(engine, make);
      const [u, delta, b, c] = [make(1, 6, 3, 9), make(1, 6, 3, 9), make(1, 16, 3, 9), make(1, 16, 3, 9)];
      selectiveScan(engine, { u, delta, b, c, weights, ...changed }, { order, firstQuad, into });
    }),
  );
}

refuses('scan: no D', /a D for each channel, not none/, (engine) => scanWeights(engine, [], []));
refuses('scan: too few A', /scan with 6 values of D has 96 values, not 95/, (engine) =>
  scanWeights(engine, new Float32Array(95), new Float32Array(6)),
);
scan('another delta', /delta in a scan is \[1, 6, 3, 9\], not \[1, 6, 9, 3\]/, (_, make) => ({
  delta: make(1, 6, 9, 3),
}));
scan('another B', /B in a scan is \[1, 16, 3, 9\], not \[1, 8, 3, 9\]/, (_, make) => ({ b: make(1, 8, 3, 9) }));
scan('another C', /C in a scan is \[1, 16, 3, 9\], not \[2, 16, 3, 9\]/, (_, make) => ({ c: make(2, 16, 3, 9) }));
scan('another order', /order of a scan is one of forward, reverse, both, not backward/, () => ({
  order: 'backward' as never,
}));
scan('another output', /output of a scan is \[1, 6, 3, 9\], not \[1, 8, 3, 9\]/, (_, make) => ({
  into: make(1, 8, 3, 9),
}));
scan('more channels than weights', /scan of 8 channels from quad 0 on exceeds its weights for 6/, (_, make) => ({
  u: make(1, 8, 3, 9),
  delta: make(1, 8, 3, 9),
}));
for (const firstQuad of [1, -1, 0.5, Number.NaN])
  scan(`from quad ${firstQuad}`, /scan of 6 channels from quad .* exceeds its weights for 6 channels/, () => ({
    firstQuad,
  }));
refuses('scan: an odd number of D both ways', /both ways has an even number of values, not 3/, (engine) =>
  scanWeights(engine, new Float32Array(48), new Float32Array(3), 2),
);
refuses('scan: three directions', /number of directions is one of 1, 2, not 3/, (engine) =>
  scanWeights(engine, new Float32Array(48), new Float32Array(3), 3 as never),
);

function scanBothWays(
  what: string,
  message: RegExp,
  directions: 1 | 2,
  change: (make: Make) => Partial<ScanInputs>,
): void {
  refuses(`scan both ways: ${what}`, message, (engine, make) =>
    using(scanWeights(engine, new Float32Array(96), new Float32Array(6), directions), (weights) => {
      const [u, delta, b, c] = [make(1, 3, 3, 9), make(1, 7, 3, 9), make(1, 32, 3, 9), make(1, 32, 3, 9)];
      selectiveScan(engine, { u, delta, b, c, weights, ...change(make) }, { order: 'both' });
    }),
  );
}

scanBothWays('weights of one', /order 'both' takes weights of 2 directions, not of 1/, 1, () => ({}));
scanBothWays('step sizes of one', /delta in a scan is \[1, 7, 3, 9\], not \[1, 3, 3, 9\]/, 2, (make) => ({
  delta: make(1, 3, 3, 9),
}));
scanBothWays('B of one', /B in a scan is \[1, 32, 3, 9\], not \[1, 16, 3, 9\]/, 2, (make) => ({
  b: make(1, 16, 3, 9),
}));
scanBothWays('C of one', /C in a scan is \[1, 32, 3, 9\], not \[1, 16, 3, 9\]/, 2, (make) => ({
  c: make(1, 16, 3, 9),
}));
refuses('scan forward: weights of two', /order 'forward' takes weights of 1 direction, not of 2/, (engine, make) =>
  using(scanWeights(engine, new Float32Array(96), new Float32Array(6), 2), (weights) => {
    const [u, states] = [make(1, 3, 3, 9), make(1, 16, 3, 9)];
    selectiveScan(engine, { u, delta: u, b: states, c: states, weights });
  }),
);

test.run();
