/** The thread that works: packing weights, talking to the GPU and compressing would each hold up the page. */
import type { Reply, Request, TaskName, Tasks } from './messages.ts';
import { Studio, type Watch } from './studio.ts';

/** What is used of a worker's global scope; the types of the DOM's know a window only. */
interface Scope {
  onmessage: ((event: MessageEvent<Request>) => void) | null;
  postMessage(reply: Reply, transfer: Transferable[]): void;
}

const scope = globalThis as unknown as Scope;
const studio = new Studio();
const running = new Map<number, AbortController>();

scope.onmessage = async ({ data: request }) => {
  const { id } = request;
  if (request.task === 'stop') {
    running.get(id)?.abort();
    return;
  }
  const controller = new AbortController();
  running.set(id, controller);
  try {
    const output = await perform(request, {
      signal: controller.signal,
      onProgress: (progress) => scope.postMessage({ id, kind: 'progress', progress }, []),
    });
    scope.postMessage({ id, kind: 'done', output }, transferable(output));
  } catch (thrown) {
    const { name, message } = thrown instanceof Error ? thrown : new Error(String(thrown));
    scope.postMessage({ id, kind: 'failed', name, message }, []);
  } finally {
    running.delete(id);
  }
};

async function perform(request: Exclude<Request, { task: 'stop' }>, watch: Watch): Promise<Tasks[TaskName]['output']> {
  switch (request.task) {
    case 'load':
      return studio.load(request.weights, watch);
    case 'restore':
      return studio.restore(request.weights, request.pictures, watch);
    case 'encode':
      return studio.encode();
  }
}

/** Pixels move to the page, they are not copied. */
function transferable(output: Tasks[TaskName]['output']): Transferable[] {
  return 'image' in output ? [output.image] : [];
}
