/** What the benchmark's report says, in numbers and words; how it is drawn is tested in a page. */
import { readFile } from 'node:fs/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { NAMES } from '../../bench/contenders/names.ts';
import { judgementsOf } from '../../bench/judge.ts';
import { summary } from '../../bench/measure.ts';
import { coloursOf } from '../../bench/report/colours.ts';
import { type Judged, ratioOf, verdictsOf, verdictText } from '../../bench/report/compare.ts';
import { growthsIn, seriesOf } from '../../bench/report/growth_series.ts';
import { placeLabels } from '../../bench/report/labels.ts';
import { limitLines } from '../../bench/report/limits.ts';
import { digits, percent, plain, quantity, size, time } from '../../bench/report/numbers.ts';
import { readReport } from '../../bench/report/read.ts';
import { leastTime, partsOf, shareOf } from '../../bench/report/share.ts';
import { columnsIn, markdownOf, rowsOf, textHeader, textOf } from '../../bench/report/table.ts';
import { logTicks } from '../../bench/report/ticks.ts';
import type { CaseResult, Entry, Limits, Report, Work } from '../../bench/results.ts';

const test = suite('report');

const limits: Limits = {
  multiplyAdds: 8e9,
  exponentials: 1e9,
  fetches: 2e9,
  writes: 5e8,
  draw: 1e-4,
  overlap: false,
};
/** Takes 10, 2, 5, 4 and 3 ms. */
const work: Work = { multiplyAdds: 8e7, exponentials: 2e6, fetches: 1e7, writes: 2e6, draws: 30 };

const conv: CaseResult = {
  name: 'conv 3x3',
  flops: 1.6e8,
  work,
  requirements: [
    { contender: 'tfjs webgl', ratio: { swiftshader: 3, llvmpipe: 2 } },
    { contender: 'tfjs webgl', way: 'packed', ratio: { swiftshader: 3 } },
    { contender: 'onnx', ratio: { swiftshader: 2 } },
  ],
  entries: [
    { contender: 'engine', way: 'default', error: 0, ...timed(40) },
    { contender: 'tfjs webgl', way: 'im2row', error: 2e-7, ...timed(100) },
    { contender: 'tfjs webgl', way: 'packed', error: 3e-7, ...timed(160) },
    { contender: 'onnx', way: 'default', failure: 'off by 1e-2 | see *log*' },
    { contender: 'tfjs wasm', way: 'default', predicted: 140_000 },
  ],
};

const report: Report = {
  date: '2024-05-06T07:08:09.000Z',
  cores: 2,
  devices: [
    {
      driver: 'swiftshader',
      renderer: 'SwiftShader Device',
      browser: 'Chromium 1.2',
      attachments: 8,
      contenders: { engine: 'this one', 'tfjs webgl': 'TensorFlow.js' },
      limits,
      sections: [
        { id: 'operations', title: 'Operations', cases: [conv] },
        { id: 'empty', title: 'Nothing here', cases: [] },
      ],
    },
  ],
};

test('the least time is the sum of its parts, or the longest where they overlap', () => {
  assert.equal(partsOf(work, limits), {
    arithmetic: 0.01,
    exponentials: 0.002,
    fetches: 0.005,
    writes: 0.004,
    draws: 0.003,
  });
  close(leastTime(work, limits), 0.024);
  close(leastTime(work, { ...limits, overlap: true }), 0.01);
  close(leastTime({ ...work, draws: 300 }, { ...limits, overlap: true }), 0.03);
  close(shareOf(work, limits, 40), 0.6);
  close(shareOf(work, { ...limits, overlap: true }, 40), 0.25);
});

test('ratios are to the engine, of predictions too; without its number there are none', () => {
  assert.equal(
    conv.entries.map((entry) => ratioOf(entry, conv)),
    [1, 2.5, 4, undefined, 3500],
  );
  const own: Entry = { contender: 'engine', way: 'default', failure: 'lost' };
  const others = conv.entries.slice(1);
  const failed = { ...conv, entries: [own, ...others] };
  for (const entry of failed.entries) assert.is(ratioOf(entry, failed), undefined);
  const bytes = (contender: string, bytes: number): Entry => ({ contender, way: 'default', bytes });
  const memory = { ...conv, entries: [bytes('engine', 200), bytes('tfjs webgl', 700)] };
  assert.is(ratioOf(memory.entries[1], memory), 3.5);
});

test('a requirement is judged by the fastest of its ways, on its driver, and never by a prediction', () => {
  const texts = verdictsOf(conv, { driver: 'swiftshader' }).map((each) => `${each.passed} ${verdictText(each)}`);
  assert.equal(texts, [
    'false tfjs webgl im2row 2.50, at least 3 needed',
    'true tfjs webgl packed 4.00, at least 3 needed',
    'false onnx not measured, at least 2 needed',
  ]);
  assert.equal(
    verdictsOf(conv, { driver: 'llvmpipe' }).map(({ passed }) => passed),
    [true],
  );
  assert.equal(verdictsOf(conv, { driver: 'gpu' }), []);
  assert.equal(verdictsOf(conv, {}), []);
  assert.is(verdictsOf(conv, { driver: 'swiftshader' }, ['engine', 'onnx']).length, 1);
  const far = { ...conv, requirements: [{ contender: 'tfjs wasm', ratio: { gpu: 2 } }] };
  assert.equal(verdictsOf(far, { driver: 'gpu' }), [{ passed: false, kind: 'ratio', against: 'tfjs wasm', needed: 2 }]);
});

test('what ran once, cold, proves nothing where there is something else, and is told where there is not', () => {
  const [own, im2row, packed] = conv.entries;
  const requirements = [{ contender: 'tfjs webgl', ratio: { llvmpipe: 3 } }];
  const textsOf = (...entries: Entry[]): string[] =>
    verdictsOf({ ...conv, requirements, entries }, { driver: 'llvmpipe' }).map(
      (each) => `${each.passed} ${verdictText(each)}`,
    );
  const cold = { ...im2row, once: true };
  assert.equal(textsOf(own, cold, packed), ['true tfjs webgl packed 4.00, at least 3 needed']);
  assert.equal(textsOf(own, cold), ['false tfjs webgl im2row 2.50 (of one run, cold), at least 3 needed']);
  assert.equal(textsOf({ ...own, once: true }, packed), [
    'true tfjs webgl packed 4.00 (of one run, cold), at least 3 needed',
  ]);
});

test('what was asked for and not reached is told; what was not asked for is not', () => {
  const device = report.devices[0];
  const found = (asked: Parameters<typeof judgementsOf>[1], sections = device.sections): string[] =>
    judgementsOf({ ...device, sections }, asked).map(({ mark, name, text }) => `${mark}: ${name}: ${text}`);
  const only = ['conv 1x1 96'];
  const missing = [
    'not measured: conv 1x1 96->96: tfjs webgl not measured, at least 1.2 needed',
    'not measured: conv 1x1 96->96: the device’s limits not measured, at least 60 % needed',
  ];
  assert.equal(found({ only }), missing);
  assert.equal(found({ only, contenders: ['engine'] }), [missing[1]]);
  assert.equal(found({ only, sections: ['scan'] }), []);
  assert.equal(found({ only, sections: ['growth', 'memory', 'ladder'] }), []);
  const measured = { ...conv, name: 'conv 1x1 96->96', requirements: [], share: 0.5 };
  const sections = [{ id: 'operations', title: '', cases: [measured] }];
  assert.equal(found({ only }, sections), ['pass: conv 1x1 96->96: the device’s limits 67 %, at least 50 % needed']);
  assert.equal(
    found({ only: ['conv 3x3'] }).every((text) => text.startsWith('not measured: conv 3x3 ')),
    true,
  );
});

test('a share of the limits is judged where they were measured, on any device, and against nobody', () => {
  const texts = (result: CaseResult, on: Judged): string[] =>
    verdictsOf(result, on, []).map((each) => `${each.passed} ${verdictText(each)}`);
  const at = (own: Partial<Entry>): CaseResult => ({
    name: 'conv',
    work,
    share: 0.6,
    requirements: [],
    entries: [{ contender: 'engine', way: 'default', ...own }],
  });
  assert.equal(texts(at(timed(39)), { limits }), ['true the device’s limits 68 %, at least 60 % needed']);
  assert.equal(texts(at(timed(48)), { limits, driver: 'gpu' }), [
    'false the device’s limits 56 %, at least 60 % needed',
  ]);
  // As in the table: of the fastest run, by the GPU's own clock, and by the longest part where they overlap.
  assert.equal(texts(at({ ...timed(48), gpu: summary([30, 50, 60]) }), { limits })[0].slice(0, 4), 'true');
  assert.equal(texts(at(timed(39)), { limits: { ...limits, overlap: true } })[0].slice(0, 5), 'false');
  assert.equal(texts(at(timed(20)), { limits }), [
    'true the device’s limits 133 % (more than there is: the limits came out too low), at least 60 % needed',
  ]);
  assert.equal(texts(at(timed(39)), { driver: 'swiftshader' }), []);
  // What is not known is not met.
  const unknown = ['false the device’s limits not measured, at least 60 % needed'];
  for (const result of [at({ predicted: 39 }), at({ failure: 'lost' }), { ...at(timed(39)), work: undefined }])
    assert.equal(texts(result, { limits }), unknown);
  assert.equal(verdictsOf({ ...at(timed(48)), share: undefined }, { limits }), []);
});

test('limits in words: each of them, or why there are none', () => {
  const lines = limitLines({ limits });
  assert.equal(
    lines.map(([, text]) => text),
    ['8.00 G/s', '1.00 G/s', '2.00 G/s', '500 M/s', '100 µs', 'these times add up'],
  );
  assert.equal(limitLines({ limits: { ...limits, overlap: true } }).at(-1), ['side by side', 'these times overlap']);
  assert.equal(limitLines({ limitsFailure: 'lost' }), [['limits', 'not measured: lost']]);
  assert.equal(limitLines({}), []);
});

test('every contender has a colour of its own, in a light and in a dark scheme', async () => {
  const colourOf = coloursOf({ ...report.devices[0], contenders: Object.fromEntries(NAMES.map((name) => [name, ''])) });
  const colours = NAMES.map(colourOf);
  assert.is(new Set(colours).size, NAMES.length);
  const css = await readFile(new URL('../../bench/report/report.css', import.meta.url), 'utf8');
  for (const colour of colours.slice(1)) {
    const name = /--[\w-]+/.exec(colour)![0];
    assert.is(css.split(`${name}: `).length - 1, 2, name);
  }
});

test('a row for each entry: time, spread, ratio, error, rate, share', () => {
  const [own, other, , failed, predicted] = rowsOf(conv, limits);
  assert.equal(own, {
    name: 'conv 3x3',
    contender: 'engine',
    median: '40.0 ms',
    spread: '36.0 .. 48.0',
    ratio: '',
    error: '',
    rate: '4.00 G',
    gpu: '',
    share: '67 %', // of the fastest run
    memory: '',
    perPixel: '',
    failure: undefined,
  });
  assert.is(other.contender, 'tfjs webgl im2row');
  assert.equal([other.name, other.ratio, other.error, other.share], ['', '2.50', '2e-7', '']);
  assert.is(failed.failure, 'off by 1e-2 | see *log*');
  assert.equal([failed.median, failed.ratio], ['', '']);
  assert.equal([predicted.median, predicted.spread, predicted.ratio], ['140 s', 'predicted, not run', '3500']);
  // By the GPU's own clock where there is one.
  const onGpu = { ...conv, entries: [{ ...conv.entries[0], gpu: summary([30, 31, 40]) }] };
  assert.equal([rowsOf(onGpu, limits)[0].gpu, rowsOf(onGpu, limits)[0].share], ['31.0 ms', '80 %']);
  assert.is(rowsOf(conv)[0].share, '');
});

test('rows of first results, of the only run, and of memory', () => {
  const first = { load: 900, run: 11_300, total: 12_200 };
  const entries: Entry[] = [
    { contender: 'engine', way: 'default', error: 0, first },
    { contender: 'tfjs', way: 'default', ...timed(31_000), once: true, bytes: 3.5e6 },
  ];
  const [began, once] = rowsOf({ name: 'a', pixels: 1000, requirements: [], entries });
  assert.equal([began.median, began.spread], ['12.2 s', 'load 900 ms']);
  assert.equal([once.median, once.spread, once.memory, once.perPixel], ['31.0 s', 'once, cold', '3.50 MB', '3.50 KB']);
});

test('lines in the terminal stand below each other', () => {
  const lines = textOf(conv, limits).split('\n');
  assert.is(lines.length, 5);
  const end = textHeader().indexOf('median') + 'median'.length;
  for (const [i, text] of ['40.0 ms', '100 ms', '160 ms'].entries()) {
    assert.is(lines[i].slice(end - text.length, end), text, lines[i]);
  }
  assert.match(lines[3], /onnx +not timed: off by 1e-2/);
  for (const line of lines) assert.is(line, line.trimEnd());
});

test('Markdown: a table for each section that has cases, columns that have something', () => {
  const lines = markdownOf(report).split('\n');
  assert.equal(lines.slice(0, 10), [
    '## SwiftShader',
    '',
    'SwiftShader Device, Chromium 1.2, 2 logical processors, 2024-05-06',
    '',
    '- engine: this one',
    '- tfjs webgl: TensorFlow.js',
    '',
    'Limits: multiply-adds 8.00 G/s; exp2 1.00 G/s; texel fetches 2.00 G/s; texel writes 500 M/s; a draw 100 µs; side by side these times add up.',
    '',
    '### Operations',
  ]);
  const table = lines.slice(11).filter((line) => line !== '');
  const cells = table.map((line) =>
    line
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
  assert.equal(cells[0], ['case', 'contender', 'median', 'min .. max', 'ratio', 'error', 'FLOP/s', 'share']);
  assert.match(table[1], /^\| :-+ \| :-+ \| -+: \| -+: \|/);
  assert.equal(cells[2], ['conv 3x3', 'engine', '40.0 ms', '36.0 .. 48.0', '', '', '4.00 G', '67 %']);
  assert.is(cells[5][2], 'not timed: off by 1e-2 \\| see \\*log\\*');
  assert.is(table.length, 7);
  assert.not.ok(lines.includes('### Nothing here'));
  assert.equal(
    columnsIn([]).map(({ key }) => key),
    ['median'],
  );
});

test('numbers have three digits and a unit', () => {
  assert.equal([0, 0.01234, 0.5, 9.999, 57.77, 1560.4].map(digits), ['0', '0.0123', '0.500', '10.0', '57.8', '1560']);
  assert.equal([0.123, 9999, 15_480].map(time), ['0.123 ms', '9999 ms', '15.5 s']);
  assert.equal([12, 3350, 12.34e6].map(size), ['12.0 B', '3.35 KB', '12.3 MB']);
  assert.equal(
    [5, 10.64e9, 2e12].map((value) => quantity(value)),
    ['5.00', '10.6 G', '2.00 T'],
  );
  assert.is(quantity(2e3, plain), '2 k');
  assert.equal([0, 0.004, 0.0996, 0.64, 1.07].map(percent), ['0 %', '0.4 %', '10 %', '64 %', '107 %']);
});

test('cases that differ by size are lines; what comes in fewer than three sizes is none', () => {
  const at = (name: string, pixels: number, ms: number, others: Entry[] = []): CaseResult => ({
    name,
    pixels,
    requirements: [],
    entries: [{ contender: 'engine', way: 'default', ...timed(ms) }, ...others],
  });
  const slow = (entry: Partial<Entry>): Entry[] => [{ contender: 'tfjs', way: 'composed', ...entry }];
  const cases = [
    at('scan 48 channels, 64x64', 4096, 10, slow(timed(100))),
    at('scan 48 channels, 256x256', 65536, 160, slow({ predicted: 1600 })),
    at('scan 48 channels, 128x128', 16384, 40, slow({ failure: 'lost' })),
    at('scan 24 channels, 128x128', 16384, 20),
    at('scan 96 channels, 128x128', 16384, 80),
    at('four directions', 16384, 80),
  ];
  const [length, channels, ...none] = growthsIn({ id: 'scan', title: '', cases });
  assert.equal(none, []);
  assert.equal(
    [length.name, length.over, channels.name, channels.over],
    ['scan 48 channels', 'pixels', 'scan, 128x128', 'channels'],
  );
  assert.equal(
    length.cases.map(({ size }) => size),
    [4096, 16384, 65536],
  );
  assert.equal(
    channels.cases.map(({ size }) => size),
    [24, 48, 96],
  );
  const series = seriesOf(length, ({ timing, predicted }) => timing?.median ?? predicted);
  assert.equal(
    series.map(({ name, points }) => [name, ...points.map(({ value }) => value)]),
    [
      ['engine', 10, 40, 160],
      ['tfjs composed', 100, 1600],
    ],
  );
  assert.equal(
    series[1].points.map(({ predicted }) => predicted),
    [false, true],
  );
});

test('a logarithmic scale has round marks, at least three of them', () => {
  assert.equal(logTicks([0.03, 40]), [0.1, 1, 10]);
  assert.equal(logTicks([0.9, 30]), [1, 2, 5, 10, 20]);
  assert.equal(logTicks([1.6, 9]), [2, 3, 4, 5, 6, 8]);
});

test('labels cover neither dots nor each other', () => {
  const dots = Array.from({ length: 6 }, (_, i) => ({ x: 100 + 2 * i, y: 50 + i }));
  const labels = placeLabels(dots);
  for (const [i, a] of labels.entries()) {
    assert.ok(Math.hypot(a.x - dots[i].x, a.y - dots[i].y) < 35);
    for (const b of labels.slice(i + 1)) assert.ok(Math.abs(a.x - b.x) >= 16 || Math.abs(a.y - b.y) >= 13);
    for (const dot of dots) assert.ok(Math.abs(a.x - dot.x) >= 8 || Math.abs(a.y - dot.y) >= 6);
  }
});

test('a saved report is read back; what is none is refused with a sentence', () => {
  assert.equal(readReport(JSON.stringify(report), 'a.json'), report);
  const refused: [string, RegExp][] = [
    ['{', /^a\.json is not JSON: /],
    ['[]', /^a\.json is no report of this benchmark: it has no devices\.$/],
    ['{"devices": []}', /it has no devices/],
    ['{"date": "x", "cores": 2, "devices": [{"renderer": "R"}]}', /'R' has no sections/],
    [
      JSON.stringify({
        ...report,
        devices: [{ ...report.devices[0], sections: [{ id: 'a', title: 'b', cases: [{}] }] }],
      }),
      /a case of the section 'b' has no name or no entries/,
    ],
  ];
  for (const [text, message] of refused) {
    assert.throws(
      () => readReport(text, 'a.json'),
      (error: Error) => message.test(error.message),
      text,
    );
  }
});

test.run();

function timed(median: number): Pick<Entry, 'timing'> {
  const [min, max] = [0.9 * median, 1.2 * median];
  return { timing: { median, min, max, runs: [median, max, min] } };
}

function close(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) <= 1e-12 * expected, `${actual} instead of ${expected}`);
}
