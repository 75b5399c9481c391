/**
 * Stands in for `uvu` when tests are bundled: tests import uvu's `suite`, with uvu's types and assertions, and
 * get this one. uvu's own runner swallows the errors of hooks, prints to the console and names no test before
 * the suite is over; here every hook that fails counts, and every test is announced before it runs.
 */
import type { Callback, Test } from 'uvu';
import type { SuiteResult, TestEvent, TestFailure } from './events.ts';

declare global {
  /** Set by whoever runs the bundle. */
  var reportTest: (event: TestEvent) => unknown;
}

type Body = () => unknown;

interface Case {
  readonly name: string;
  readonly body: Body;
  readonly only: boolean;
}

const queue: { readonly name: string; run(): Promise<SuiteResult> }[] = [];
let grep = '';

export function suite<T extends object>(name = '', context = {} as T): Test<T> {
  const state = Object.assign(context, { __suite__: name, __test__: '' });
  const cases: Case[] = [];
  const hooks = { before: [] as Body[], after: [] as Body[], beforeEach: [] as Body[], afterEach: [] as Body[] };
  let skipped = 0;

  function add(test: string, body: Callback<T>, only: boolean): void {
    if (`${name} ${test}`.includes(grep)) cases.push({ name: test, body: () => body(state), only });
    else skipped++;
  }
  const hook = (list: Body[]) => (body: Callback<T>) => {
    list.push(() => body(state));
  };

  return Object.assign((test: string, body: Callback<T>) => add(test, body, false), {
    only: (test: string, body: Callback<T>) => add(test, body, true),
    skip: () => {
      skipped++;
    },
    before: Object.assign(hook(hooks.before), { each: hook(hooks.beforeEach) }),
    after: Object.assign(hook(hooks.after), { each: hook(hooks.afterEach) }),
    run: () => {
      queue.push({ name, run });
    },
  });

  async function run(): Promise<SuiteResult> {
    const begin = performance.now();
    const chosen = cases.some((item) => item.only) ? cases.filter((item) => item.only) : cases;
    skipped += cases.length - chosen.length;
    let passed = 0;
    let failed = 0;

    /** Runs one step and reports its failure. Hooks go uncounted as long as they succeed. */
    async function step(title: string, bodies: readonly Body[]): Promise<boolean> {
      const error = await attempt(name, title, bodies);
      if (error) failed++;
      return !error;
    }

    if (chosen.length > 0 && (await step('(before)', hooks.before))) {
      for (const { name: test, body } of chosen) {
        state.__test__ = test;
        const began = performance.now();
        const ok = await step(test, [...hooks.beforeEach, body]);
        const clean = await step(`${test} (after each)`, hooks.afterEach);
        if (ok && clean) {
          passed++;
          await globalThis.reportTest({ type: 'pass', suite: name, test, milliseconds: performance.now() - began });
        }
      }
      state.__test__ = '';
      await step('(after)', hooks.after);
    }
    return { passed, failed, skipped, milliseconds: performance.now() - begin };
  }
}

/** uvu's suite without a name. */
export const test = suite();

/** Loads the test files one after the other, and runs the suites of each before the next is loaded. */
export async function runFiles(files: Record<string, () => Promise<unknown>>, filter: string): Promise<void> {
  grep = filter;
  for (const [file, load] of Object.entries(files)) {
    if (await attempt(file, '(loading)', [load])) continue;
    const suites = queue.splice(0);
    if (suites.length === 0) {
      const error = { message: 'No suite was run. Is test.run() missing?', details: '', stack: '' };
      await globalThis.reportTest({ type: 'fail', suite: file, test: '(loading)', error });
    }
    for (const { name, run } of suites) {
      await globalThis.reportTest({ type: 'suite', suite: name || file, result: await run() });
    }
  }
  // Rejections that nobody handles are noticed with some delay.
  await new Promise((resolve) => setTimeout(resolve, 50));
  await globalThis.reportTest({ type: 'done' });
}

async function attempt(suite: string, test: string, bodies: readonly Body[]): Promise<TestFailure | undefined> {
  if (bodies.length === 0) return undefined;
  await globalThis.reportTest({ type: 'start', suite, test });
  try {
    for (const body of bodies) await body();
    return undefined;
  } catch (thrown) {
    const error = describe(thrown);
    await globalThis.reportTest({ type: 'fail', suite, test, error });
    return error;
  }
}

function describe(thrown: unknown): TestFailure {
  if (!(thrown instanceof Error)) return { message: `not an Error was thrown: ${thrown}`, details: '', stack: '' };
  const details = 'details' in thrown && typeof thrown.details === 'string' ? thrown.details : '';
  const causes = thrown.cause instanceof Error ? `\ncaused by ${thrown.cause.stack}` : '';
  return { message: `${thrown.name}: ${thrown.message}`, details, stack: `${thrown.stack ?? ''}${causes}` };
}
