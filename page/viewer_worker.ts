/** The thread that shows pictures: with a driver in software, opening a context, decoding and uploading would each hold up the page. */
import { decode } from '../src/restore/image.ts';
import { Viewer } from './viewer.ts';
import type { Added, Started, ViewerReply, ViewerRequest } from './viewer_messages.ts';

/** What is used of a worker's global scope; the types of the DOM's know a window only. */
interface Scope {
  onmessage: ((event: MessageEvent<ViewerRequest>) => void) | null;
  postMessage(reply: ViewerReply): void;
}

const scope = globalThis as unknown as Scope;
let viewer: Viewer | undefined;

scope.onmessage = async ({ data: request }) => {
  if (request.task === 'draw') {
    viewer!.draw(request.scene);
    return;
  }
  const { id } = request;
  try {
    const output = request.task === 'start' ? start(request.canvas) : await add(id, request.picture);
    scope.postMessage({ id, kind: 'done', output });
  } catch (thrown) {
    const { name, message } = thrown instanceof Error ? thrown : new Error(String(thrown));
    scope.postMessage({ id, kind: 'failed', name, message });
  }
};

function start(canvas: OffscreenCanvas | undefined): Started {
  viewer = new Viewer(canvas);
  return { renderer: viewer.renderer };
}

async function add(number: number, picture: Blob | ImageBitmap): Promise<Added> {
  const bitmap = picture instanceof Blob ? await decode(picture) : picture;
  const { width, height } = bitmap;
  try {
    await viewer!.add(number, bitmap);
  } finally {
    bitmap.close();
  }
  return { number, width, height };
}
