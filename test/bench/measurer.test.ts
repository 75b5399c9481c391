/** How a case is measured, by contenders who compute nothing and say what they took. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Name } from '../../bench/contenders/names.ts';
import { type Growing, Measurer, type Plan } from '../../bench/measurer.ts';
import type { Prepared } from '../../bench/messages.ts';
import type { Remote } from '../../bench/remote.ts';
import type { Entry, Work } from '../../bench/results.ts';
import type { Case, Section } from '../../bench/sections/case.ts';

const test = suite('measurer');

/** What somebody says when it is asked, by its way. */
interface Says {
  /** Milliseconds of the first run and of all others. */
  readonly times: Readonly<Record<string, readonly [number, number]>>;
  readonly work?: Work;
}

/** So long a first run that a card is not kept at work before the next, for which a test would wait. */
const LONG = [5000, 10] as const;

const SOFTWARE: Plan = { repeats: 9, software: true, short: true };
const CARD: Plan = { repeats: 9, software: false, short: false };

const work = (draws: number): Work => ({ multiplyAdds: 1, exponentials: 1, fetches: 1, writes: 1, draws });

const judged = (more: Partial<Case> = {}): Case => ({
  name: 'a case',
  softwareContenders: ['engine', 'tfjs webgl', 'onnx wasm'],
  requirements: [{ contender: 'tfjs webgl', way: 'composed', ratio: { llvmpipe: 2 } }],
  task() {
    throw new Error('nobody computes here');
  },
  ...more,
});

/** Measures cases of one section, and tells what was asked of whom besides. */
async function measured(
  says: Partial<Record<Name, Says>>,
  plan: Plan,
  cases: readonly Case[],
  measures: Section['measures'] = 'time',
): Promise<{ results: Growing['cases']; calls: string[]; statuses: string[] }> {
  const calls: string[] = [];
  const statuses: string[] = [];
  let workers = 0;
  const crew = {
    names: Object.keys(says) as Name[],
    about: {},
    async start(name: Name) {
      const worker = ++workers;
      const { times, work } = says[name]!;
      let job: readonly [number, number];
      const answers = {
        ways: () => Object.keys(times),
        prepare({ way }: { way: string }): Prepared {
          calls.push(`${name} ${way} by ${worker}`);
          job = times[way];
          return { milliseconds: job[0], output: Float32Array.of(1), bytes: worker };
        },
        work: () => work ?? null,
        run: () => ({ milliseconds: job[1] }),
      };
      const call = async (asked: keyof typeof answers, input: { way: string }) => answers[asked](input);
      return { call, end() {} } as unknown as Remote;
    },
    dismiss() {},
  };
  const results: Growing[] = [];
  const measurer = new Measurer(crew, plan, { onCase() {}, onStatus: (text) => void statuses.push(text) });
  await measurer.section({ id: 'a', title: 'A', measures, cases }, results);
  return { results: results[0].cases, calls, statuses };
}

const runsOf = (entries: readonly Entry[]): Record<string, number | undefined> =>
  Object.fromEntries(entries.map(({ contender, way, timing }) => [`${contender} ${way}`, timing?.runs.length]));

test('the work of a case is that of the engine, not of the engine with other options', async () => {
  const says = {
    engine: { times: { default: LONG }, work: work(1) },
    'engine f16': { times: { default: LONG }, work: work(2) },
    'engine 4 attachments': { times: { default: LONG }, work: work(3) },
  } as const;
  const { results } = await measured(says, CARD, [judged()]);
  assert.equal(results[0].work, work(1));
});

test('in software repeats are counted by a warm run, and who is judged runs three times up to 5 s', async () => {
  const says = {
    engine: { times: { default: [9000, 600] } }, // of which most was spent on compiling
    'tfjs webgl': { times: { tuned: [9000, 2600], composed: [29_000, 4900] } },
    'onnx wasm': { times: { default: [9000, 2600] } },
  } as const;
  const { results } = await measured(says, SOFTWARE, [judged()]);
  assert.equal(runsOf(results[0].entries), {
    'engine default': 4,
    'tfjs webgl composed': 3,
    'onnx wasm default': 1,
  });
  for (const { timing } of results[0].entries) assert.ok(timing!.max < 5000, 'no run is that which compiled');
  const slow = { ...says, 'tfjs webgl': { times: { composed: [50_000, 5100] } } } as const;
  assert.is(runsOf((await measured(slow, SOFTWARE, [judged()])).results[0].entries)['tfjs webgl composed'], 1);
});

test('on a card nobody runs once since it had to compile', async () => {
  const says = {
    engine: { times: { default: [9000, 3000] } },
    'tfjs webgl': { times: { tuned: [9000, 100], composed: [20_000, 4000] } },
  } as const;
  const { results } = await measured(says, CARD, [judged({ requirements: [] })]);
  assert.equal(runsOf(results[0].entries), {
    'engine default': 3,
    'tfjs webgl tuned': 9,
    'tfjs webgl composed': 3,
  });
});

test('each way has a worker of its own, and its own bytes', async () => {
  const says = {
    engine: { times: { default: [20, 10] } },
    'tfjs webgl': { times: { tuned: [20, 10], composed: [20, 10] } },
  } as const;
  const { results, calls } = await measured(says, CARD, [judged()], 'bytes');
  assert.equal(calls, ['engine default by 1', 'tfjs webgl tuned by 2', 'tfjs webgl composed by 3']);
  assert.equal(
    results[0].entries.map(({ bytes }) => bytes),
    [1, 2, 3],
  );
});

test('first results are of each way from nothing, and the engine’s work is not counted meanwhile', async () => {
  const says = {
    engine: { times: { default: [20, 10] }, work: work(1) },
    'tfjs webgl': { times: { tuned: [20, 10], composed: [20, 10] } },
  } as const;
  const { results, calls } = await measured(says, CARD, [judged()], 'first');
  assert.equal(calls, ['engine default by 1', 'tfjs webgl tuned by 2', 'tfjs webgl composed by 3']);
  assert.is(results[0].work, undefined);
  for (const { first } of results[0].entries) assert.is(first!.run, 20);
  const short = await measured(says, SOFTWARE, [judged()], 'first');
  assert.equal(short.calls, ['engine default by 1', 'tfjs webgl composed by 2']);
});

test('who would be compared with a prediction does not run', async () => {
  const growing = (name: string, flops: number): Case => judged({ name, flops, kind: 'network', requirements: [] });
  const says = {
    engine: { times: { default: [5000, 5000] } },
    'tfjs webgl': { times: { tuned: [20, 10] } },
  } as const;
  const { results, calls } = await measured(says, SOFTWARE, [growing('small', 1), growing('large', 100)]);
  assert.is(results[1].entries[0].predicted, 500_000);
  assert.match(results[1].entries[1].failure!, /^the engine was predicted and not run/);
  assert.equal(calls, ['engine default by 1', 'tfjs webgl tuned by 2']);
});

test('nobody is told of each timed run', async () => {
  const says = { engine: { times: { default: [20, 10] } }, 'onnx wasm': { times: { default: [20, 10] } } } as const;
  const { statuses } = await measured(says, SOFTWARE, [judged()]);
  assert.is(statuses.at(-1), 'a case: everybody in turn');
  assert.ok(statuses.length < 9, `${statuses.length} for twice nine runs`);
});

test.run();
