/** The thread that works: packing weights, talking to the GPU and compressing would each hold up the page. */
import type { Request, TaskName, Tasks } from './messages.ts';
import { answer, listen, send } from './replies.ts';
import { Studio, type Watch } from './studio.ts';

const studio = new Studio();
const running = new Map<number, AbortController>();

listen<Request>(async (request) => {
  const { id } = request;
  if (request.task === 'stop') {
    running.get(id)?.abort();
    return;
  }
  const controller = new AbortController();
  running.set(id, controller);
  const { signal } = controller;
  await answer(id, () =>
    perform(request, { signal, onProgress: (progress) => send({ id, kind: 'progress', progress }) }),
  );
  running.delete(id);
});

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
