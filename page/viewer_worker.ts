/** The thread that shows pictures: with a driver in software, opening a context, decoding and uploading would each hold up the page. */
import { decode } from '../src/restore/image.ts';
import { answer, listen } from './replies.ts';
import { Viewer } from './viewer.ts';
import type { Added, Started, ViewerRequest } from './viewer_messages.ts';

let viewer: Viewer | undefined;

listen<ViewerRequest>((request) => {
  if (request.task === 'draw') viewer!.draw(request.scene);
  else if (request.task === 'start') answer(request.id, () => start(request.canvas));
  else answer(request.id, () => add(request.id, request.picture));
});

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
