/** Runs one contender. Everything that is measured runs in such a worker: the page stays alive, and terminating it frees all. */
import { type Contender, type Job, type Output, type Ways, waysOf } from './contenders/contender.ts';
import { openContender } from './contenders/index.ts';
import type { CallName, Calls, Prepared, Ran, Reply, Request } from './messages.ts';
import { findCase } from './sections/index.ts';
import type { Task } from './tasks.ts';

/** What is used of a worker's global scope; the types of the DOM's know a window only. */
interface Scope {
  onmessage: ((event: MessageEvent<Request>) => void) | null;
  postMessage(reply: Reply, transfer: Transferable[]): void;
}

const scope = globalThis as unknown as Scope;
let contender: Contender;
/** Of the case that the worker was asked for first, and is asked for no other. */
let task: Task | undefined;
let job: Job;

scope.onmessage = async ({ data: request }) => {
  const { id } = request;
  try {
    const output = await answer(request);
    const moved = output && 'output' in output ? [output.output.buffer] : [];
    scope.postMessage({ id, output }, moved);
  } catch (error) {
    scope.postMessage({ id, error: error instanceof Error ? error.message : String(error) }, []);
  }
};

async function answer(request: Request): Promise<Calls[CallName]['output']> {
  switch (request.call) {
    case 'open': {
      contender = await openContender(request.contender);
      const { about, attachments } = contender;
      return { about, attachments };
    }
    case 'limits':
      if (!contender.limits) throw new Error('this contender measures no limits');
      return contender.limits(request.before);
    case 'ways':
      return Object.keys(waysIn(request.name));
    case 'prepare':
      return prepare(request.name, request.way);
    case 'work':
      return (await job.work?.()) ?? null;
    case 'run':
      return run(request.burst);
  }
}

function waysIn(name: string): Ways {
  task ??= findCase(name).task();
  return waysOf(contender, task);
}

async function prepare(name: string, way: string): Promise<Prepared> {
  job = await waysIn(name)[way]();
  const begin = performance.now();
  const output = await issue(1);
  await output.finish();
  const milliseconds = performance.now() - begin;
  const values = Float32Array.from(await output.read());
  output.dispose();
  return { milliseconds, output: values, bytes: job.peakBytes?.() };
}

/** The clock runs from before the first call into a library until the last of a burst of results is there. */
async function run(burst: number): Promise<Ran> {
  // Whatever the worker has waiting runs before the clock does.
  await new Promise((resolve) => setTimeout(resolve));
  let begin = 0;
  let end = 0;
  let output: Output;
  const begun = async (): Promise<void> => {
    begin = performance.now();
    output = await issue(burst);
  };
  const wait = async (): Promise<void> => {
    await output.finish();
    end = performance.now();
    output.dispose();
  };
  let gpu: number | undefined;
  if (contender.timer && !job.readsBack) {
    gpu = await contender.timer.time(begun, wait);
  } else {
    await begun();
    await wait();
  }
  return { milliseconds: (end - begin) / burst, gpu: gpu && gpu / burst };
}

/** @returns the last of a burst of results */
async function issue(burst: number): Promise<Output> {
  for (let i = 1; i < burst; i++) (await job.run()).dispose();
  return job.run();
}
