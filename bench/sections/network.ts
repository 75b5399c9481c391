import { type Config, VARIANTS } from '../../src/model/config.ts';
import { ON_LONG_WORK, WITHOUT_WEBGPU } from '../contenders/names.ts';
import { networkFlops } from '../flops.ts';
import { pageFolder } from '../places.ts';
import { uniform } from '../random.ts';
import type { NetworkTask } from '../tasks.ts';
import { BUNDLED, networkWeights, PUBLISHED } from '../weights.ts';
import type { Case, Requirement, Section } from './case.ts';

/** Against the same network in tfjs as it is written down. Where time is not short the report has the fastest that we could make of it beside it. */
const BUNDLED_128: readonly Requirement[] = [
  { contender: 'tfjs webgl', way: 'composed', ratio: { swiftshader: 12, llvmpipe: 10 } },
  { contender: 'tfjs wasm', way: 'composed', ratio: { swiftshader: 5, llvmpipe: 8 } },
];
const BUNDLED_64: readonly Requirement[] = [{ contender: 'onnx wasm', ratio: { swiftshader: 1.3, llvmpipe: 2 } }];
/** Against both ways in which the first result of tfjs may be the sooner one. */
const FIRST: readonly Requirement[] = [
  { contender: 'tfjs webgl', way: 'tuned', ratio: { swiftshader: 10, llvmpipe: 10 } },
  { contender: 'tfjs webgl', way: 'uniforms', ratio: { swiftshader: 10, llvmpipe: 10 } },
  { contender: 'onnx wasm', ratio: { swiftshader: 10, llvmpipe: 10 } },
];

const derain = {
  64: bundled('derain', 64, {
    requirements: BUNDLED_64,
    softwareContenders: ['engine', 'onnx wasm'], // tfjs takes part in the first result, and in 128 x 128
    onnx: 'bench/peers/derain-tiny-64.onnx.gz',
  }),
  128: bundled('derain', 128, { requirements: BUNDLED_128, softwareContenders: WITHOUT_WEBGPU }),
  256: bundled('derain', 256, { softwareContenders: ['engine'] }),
  512: bundled('derain', 512, { alone: true }),
};
const sr = bundled('sr', 32, { softwareContenders: WITHOUT_WEBGPU });
const publishedDerain = {
  32: published('derain', 32, { softwareContenders: ON_LONG_WORK }),
  64: published('derain', 64, { softwareContenders: ['engine'] }),
  128: published('derain', 128, { softwareContenders: ['engine'] }),
};
const publishedRealsr = published('realsr', 32, { softwareContenders: ON_LONG_WORK });

export const first: Section = {
  id: 'first',
  title: 'First result, from nothing',
  measures: 'first',
  cases: [
    {
      ...derain[64],
      name: 'first result of derain, bundled, 64 x 64',
      requirements: FIRST,
      softwareContenders: WITHOUT_WEBGPU,
    },
  ],
};

export const network: Section = {
  id: 'network',
  title: 'Whole networks, from a picture in memory to values in memory',
  measures: 'time and bytes',
  cases: [derain[64], derain[128], sr, publishedDerain[32], publishedRealsr],
};

export const memory: Section = {
  id: 'memory',
  title: 'Most bytes of GPU memory at once, weights apart',
  measures: 'bytes',
  cases: network.cases.map(withoutRequirements),
};

export const growth: Section = {
  id: 'growth',
  title: 'Time and memory as pictures grow',
  measures: 'time and bytes',
  cases: [...Object.values(derain), ...Object.values(publishedDerain)].map(withoutRequirements),
};

/** Times are judged in the section of networks. */
function withoutRequirements(each: Case): Case {
  return { ...each, requirements: [] };
}

type More = Partial<Pick<Case, 'requirements' | 'softwareContenders' | 'alone'> & Pick<NetworkTask, 'onnx'>>;

function bundled(name: keyof typeof BUNDLED, side: number, more?: More): Case {
  const weights = async (): Promise<ArrayBuffer> => {
    const response = await fetch(new URL(`weights/${name}-tiny.safetensors`, pageFolder()));
    if (!response.ok) throw new Error(`the weights of ${name} could not be fetched: ${response.status}`);
    return response.arrayBuffer();
  };
  return networkCase(`${name}, bundled`, BUNDLED[name], side, weights, more);
}

function published(name: keyof typeof PUBLISHED, side: number, more?: More): Case {
  const weights = async (): Promise<ArrayBuffer> => networkWeights(PUBLISHED[name]);
  return networkCase(`${name}, published`, PUBLISHED[name], side, weights, more);
}

function networkCase(
  name: string,
  config: Config,
  side: number,
  weights: () => Promise<ArrayBuffer>,
  { onnx, ...more }: More = {},
): Case {
  return {
    name: `${name}, ${side} x ${side}`,
    flops: networkFlops(config, side),
    pixels: (VARIANTS[config.variant].scale * side) ** 2,
    side,
    kind: 'network',
    requirements: [],
    ...more,
    task: () => ({ kind: 'network', image: image(side), weights, onnx }),
  };
}

/** Smooth colours with some noise on them. */
function image(side: number): ImageData {
  const noise = uniform(3 * side * side, 1, 0, 48);
  const data = new Uint8ClampedArray(4 * side * side).fill(255);
  for (let i = 0; i < side * side; i++) {
    const x = (i % side) / side;
    const y = Math.floor(i / side) / side;
    for (let c = 0; c < 3; c++) data[4 * i + c] = 100 + 80 * Math.sin(7 * x + 5 * y + 2 * c) + noise[3 * i + c];
  }
  return new ImageData(data, side, side);
}
