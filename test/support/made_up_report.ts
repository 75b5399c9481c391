/** A report with something of everything in it. Its numbers are made up. */
import type { CaseResult, DeviceResult, Entry, Limits, Report, SectionResult, Work } from '../../bench/results.ts';

const SIDE = 128;
const PIXELS = SIDE * SIDE;

export const madeUpReport: Report = {
  date: '2024-05-06T07:08:09.000Z',
  cores: 2,
  devices: [
    { driver: 'swiftshader', ...device(1, 'A renderer (in software, with a name that is long enough to be broken)') },
    { driver: 'llvmpipe', ...device(0.5, 'Another renderer') },
  ],
};

function device(slowness: number, renderer: string): DeviceResult {
  const timed = (ms: number): Pick<Entry, 'timing'> => {
    const median = slowness * ms;
    return { timing: { median, min: 0.95 * median, max: 1.15 * median, runs: [median] } };
  };
  const entry = (contender: string, way: string, ms: number, more: Partial<Entry> = {}): Entry => ({
    contender,
    way,
    error: contender === 'engine' ? 0 : 3e-7,
    ...timed(ms),
    ...more,
  });
  const limits: Limits = {
    multiplyAdds: 8e9 / slowness,
    exponentials: 1e9 / slowness,
    fetches: 1.2e9 / slowness,
    writes: 7e8 / slowness,
    draw: 28e-6,
    overlap: slowness < 1,
  };
  const work = (multiplyAdds: number, intensity: number): Work => ({
    multiplyAdds,
    exponentials: 0,
    fetches: multiplyAdds / intensity,
    writes: 24 * PIXELS,
    draws: 3,
  });

  function conv(size: number, from: number, to: number, own: number): CaseResult {
    const multiplyAdds = size * size * from * to * PIXELS;
    return {
      name: `conv ${size}x${size} ${from}->${to}`,
      flops: 2 * multiplyAdds,
      work: work(multiplyAdds, size === 1 ? 11 : 24),
      requirements: [{ contender: 'tfjs webgl', ratio: { swiftshader: size === 1 ? 1.8 : 5.5, llvmpipe: 1.2 } }],
      share: 0.84,
      entries: [
        entry('engine', 'default', own),
        entry('tfjs webgl', size === 1 ? 'default' : 'im2row', own * (size === 1 ? 1.5 : 7.6)),
        ...(size === 1 ? [] : [entry('tfjs webgl', 'packed', 5.9 * own)]),
        entry('tfjs wasm', 'default', 0.72 * own),
        { contender: 'onnx webgpu', way: 'default', failure: 'no adapter for WebGPU was found in this browser' },
      ],
    };
  }

  function scan(channels: number, side: number): CaseResult {
    const own = (0.09 * channels * side * side) / 1000;
    return {
      name: `scan ${channels} channels, ${side} x ${side}, one way`,
      pixels: side * side,
      work: { ...work(60 * channels * side * side, 18), exponentials: 4 * channels * side * side, draws: 20 },
      requirements: [],
      entries: [
        entry('engine', 'default', own),
        entry('tfjs webgl', 'composed', 19 * own),
        side > 64
          ? { contender: 'tfjs wasm', way: 'default', predicted: 9 * own }
          : entry('tfjs wasm', 'default', 9 * own),
      ],
    };
  }

  function network(name: string, side: number, microseconds: number): CaseResult {
    const pixels = side * side;
    const own = (microseconds * pixels * (1 + 6 / side)) / 1000;
    const others: Entry[] =
      side > 128
        ? [{ contender: 'tfjs webgl', way: 'composed', predicted: 13 * own }]
        : [entry('tfjs webgl', 'composed', 13 * own, { bytes: 9300 * pixels })];
    return {
      name: `${name}, ${side} x ${side}`,
      pixels,
      requirements: [],
      entries: [entry('engine', 'default', own, { bytes: 1100 * pixels + 1e5 }), ...others],
    };
  }

  const first = (contender: string, load: number, run: number): Entry => ({
    contender,
    way: 'default',
    first: { load, run, total: load + run },
  });
  const growth = [
    ...[64, 128, 256, 512].map((side) => network('small', side, 75)),
    ...[32, 64, 128].map((side) => network('large', side, 2200)),
  ];
  const sections: SectionResult[] = [
    {
      id: 'first',
      title: 'First result, from nothing',
      cases: [
        {
          name: 'first result of small, 64 x 64',
          requirements: [{ contender: 'tfjs webgl', ratio: { swiftshader: 10, llvmpipe: 10 } }],
          entries: [first('engine', 400, 800), first('tfjs webgl', 900, 13_000), first('onnx wasm', 13_800, 480)],
        },
      ],
    },
    {
      id: 'operations',
      title: `Operations, ${SIDE} x ${SIDE}`,
      cases: [conv(1, 96, 96, 38), conv(1, 48, 254, 52), conv(3, 48, 24, 27), conv(3, 96, 192, 405)],
    },
    {
      id: 'scan',
      title: 'Selective scan',
      cases: [...[32, 64, 128].map((side) => scan(48, side)), ...[16, 96, 192].map((channels) => scan(channels, 64))],
    },
    { id: 'network', title: 'Whole networks', cases: growth.slice(0, 2) },
    {
      id: 'memory',
      title: 'Most bytes of GPU memory at once',
      cases: growth.slice(0, 2).map(({ entries, ...rest }) => ({
        ...rest,
        entries: entries.map(({ contender, way, bytes }) => ({ contender, way, bytes })),
      })),
    },
    { id: 'growth', title: 'Time and memory as pictures grow', cases: growth },
  ];
  return {
    renderer,
    browser: 'Some browser 1.2.3',
    attachments: 8,
    contenders: {
      engine: 'this project, float32',
      'tfjs webgl': 'TensorFlow.js webgl, packed',
      'tfjs wasm': 'TensorFlow.js wasm, 2 threads, SIMD',
      'onnx wasm': 'ONNX Runtime Web wasm, 2 threads, SIMD',
      'onnx webgpu': 'not available: no adapter for WebGPU was found in this browser',
    },
    limits,
    sections,
  };
}
