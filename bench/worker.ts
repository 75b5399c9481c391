/** Runs one contender. Everything that is measured runs in such a worker: the page stays alive, and terminating it frees all. */
import { type Contender, type Job, type Output, waysOf } from './contenders/contender.ts';
import { openContender } from './contenders/index.ts';
import type { CallName, Calls, Prepared, Ran, Reply, Request } from './messages.ts';
import { findCase } from './sections/index.ts';

/** What is used of a worker's global scope; the types of the DOM's know a window only. */
interface Scope {
  onmessage: ((event: MessageEvent<Request>) => void) | null;
  postMessage(reply: Reply, transfer: Transferable[]): void;
}

const scope = globalThis as unknown as Scope;
let contender: Contender;
const jobs = new Map<number, Job>();

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
      return Object.keys(waysOf(contender, findCase(request.name).task()));
    case 'prepare':
      return prepare(request.id, request.name, request.way);
    case 'run':
      return run(jobs.get(request.job)!, request.burst);
    case 'release':
      jobs.get(request.job)?.dispose();
      jobs.delete(request.job);
      return null;
  }
}

async function prepare(id: number, name: string, way: string): Promise<Prepared> {
  const job = await waysOf(contender, findCase(name).task())[way]();
  try {
    const [output, milliseconds] = await clocked(job);
    const values = Float32Array.from(await output.read());
    output.dispose();
    const work = await job.work?.();
    jobs.set(id, job);
    return { job: id, milliseconds, output: values, bytes: job.peakBytes?.(), work };
  } catch (error) {
    job.dispose();
    throw error;
  }
}

async function run(job: Job, burst: number): Promise<Ran> {
  // Whatever the worker has waiting runs before the clock does.
  await new Promise((resolve) => setTimeout(resolve));
  let milliseconds = 0;
  const work = async (): Promise<void> => {
    const [output, taken] = await clocked(job, burst);
    milliseconds = taken / burst;
    output.dispose();
  };
  const gpu = contender.timer ? await contender.timer.time(work) : await work();
  return { milliseconds, gpu: gpu ? gpu / burst : undefined };
}

/** From before the first call into a library until the last of a burst of results is there. */
async function clocked(job: Job, burst = 1): Promise<[Output, number]> {
  const begin = performance.now();
  for (let i = 1; i < burst; i++) (await job.run()).dispose();
  const output = await job.run();
  await output.finish();
  return [output, performance.now() - begin];
}
