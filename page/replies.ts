/** The worker's side of what remote.ts asks. */
import type { Reply } from './remote.ts';

/** What is used of a worker's global scope; the types of the DOM's know a window only. */
interface Scope<Request> {
  onmessage: ((event: MessageEvent<Request>) => void) | null;
  postMessage(reply: Reply, transfer: Transferable[]): void;
}

const scope = globalThis as unknown as Scope<unknown>;

export function listen<Request>(onRequest: (request: Request) => void): void {
  (scope as Scope<Request>).onmessage = ({ data }) => onRequest(data);
}

export function send(reply: Reply, transfer: Transferable[] = []): void {
  scope.postMessage(reply, transfer);
}

/** Answers a request with what comes of the work, or with what went wrong. Bitmaps move to the page, they are not copied. */
export async function answer(id: number, work: () => unknown): Promise<void> {
  try {
    const output = await work();
    const bitmaps = Object.values(output as object).filter((value) => value instanceof ImageBitmap);
    send({ id, kind: 'done', output }, bitmaps);
  } catch (thrown) {
    const { name, message } = thrown instanceof Error ? thrown : new Error(String(thrown));
    send({ id, kind: 'failed', name, message });
  }
}
