/** Where weights come from, and how they are held: as a file of which the page has no more in its memory than it is looking at. */
import type { Bytes } from '../model/bytes.ts';
import { InputError } from '../tensor/errors.ts';

/** A URL, a file that was picked or dropped, or the bytes themselves, which stay the caller's: they are copied, and may be written to. */
export type WeightsSource = string | URL | Blob | ArrayBuffer;

/** Bytes of a download that are gathered before they go to a blob. */
const PIECE = 4 * 2 ** 20;
/** Bytes that are read at once, at least: each read takes milliseconds, and a large network has a thousand tensors, most of them small. */
const READ = 2 ** 20;

/**
 * The checkpoint as a blob, the one place where all of it is held: a browser has blobs outside of the page's memory, on disk if need be. A
 * model keeps it to load its weights again when they went with a context. Not the URL, since the page may be offline by then.
 * @throws InputError when it cannot be had, or is a web page; the signal's reason when it is aborted.
 */
export async function openSource(
  source: WeightsSource,
  signal?: AbortSignal,
  onFraction?: (fraction: number) => void,
): Promise<Blob> {
  signal?.throwIfAborted();
  if (source instanceof Blob) return source;
  return source instanceof ArrayBuffer ? new Blob([source]) : download(source, signal, onFraction);
}

/** The bytes of a blob. What is read comes with what follows it, since tensors mostly are read in the order in which they lie. */
export function bytesOf(blob: Blob): Bytes {
  let last = { at: 0, bytes: new Uint8Array(0) };
  const read = async (begin: number, end: number): Promise<Uint8Array> => {
    if (begin < last.at || end > last.at + last.bytes.length) {
      const piece = blob.slice(begin, Math.max(end, begin + READ));
      last = { at: begin, bytes: new Uint8Array(await piece.arrayBuffer()) };
    }
    return last.bytes.subarray(begin - last.at, end - last.at);
  };
  return {
    length: blob.size,
    read: (begin, end) =>
      read(begin, end).catch((error: Error) => {
        // A file on disk that was changed after it was picked, or a blob that the browser had no room for.
        throw new InputError(`The file of ${blob.size} bytes could not be read: ${error.message}.`, { cause: error });
      }),
  };
}

/** Does one step of a download; what goes wrong in it becomes a sentence. */
type Attempt = <T>(work: () => T | Promise<T>) => Promise<T>;

async function download(
  url: string | URL,
  signal?: AbortSignal,
  onFraction?: (fraction: number) => void,
): Promise<Blob> {
  const attempt: Attempt = async (work) => {
    try {
      return await work();
    } catch (error) {
      signal?.throwIfAborted();
      throw new InputError(`The weights at ${url} could not be fetched: ${(error as Error).message}.`, {
        cause: error,
      });
    }
  };

  const response = await attempt(() => fetch(url, { signal }));
  const refused = refusalOf(response, url);
  if (refused) {
    response.body?.cancel().catch(() => {}); // else it holds the connection
    throw new InputError(refused);
  }

  // 0 when it is not told. Where the body is compressed on its way it is not the length of the file.
  const length = Number(response.headers.get('content-length'));
  return response.body ? collect(response.body, length, attempt, onFraction) : new Blob();
}

/** Why there is no checkpoint in a server's answer, as far as its head tells. */
function refusalOf({ ok, status, statusText, headers }: Response, url: string | URL): string | null {
  // HTTP/2 has no texts of its own for its numbers.
  if (!ok)
    return `The weights at ${url} could not be fetched: the server answered ${`${status} ${statusText}`.trim()}.`;
  if (headers.get('content-type')?.startsWith('text/html')) return `At ${url} there is a web page, not a checkpoint.`;
  return null;
}

/**
 * All bytes of a stream, each piece of which goes into a blob before the next comes. By the stream itself, since response.blob() tells
 * nothing on the way.
 * @param length that it is said to have, of which fractions are told; 0 when nobody knows
 */
async function collect(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  length: number,
  attempt: Attempt,
  onFraction?: (fraction: number) => void,
): Promise<Blob> {
  const reader = stream.getReader();
  try {
    const pieces: Blob[] = [];
    let piece: Uint8Array<ArrayBuffer>[] = [];
    let pieceBytes = 0;
    let received = 0;
    while (true) {
      const { done, value } = await attempt(() => reader.read());
      if (value) {
        piece.push(value);
        pieceBytes += value.length;
        received += value.length;
      }
      if (done || pieceBytes >= PIECE) {
        pieces.push(new Blob(piece));
        piece = [];
        pieceBytes = 0;
      }
      if (done) return new Blob(pieces); // refers to them, without a copy
      if (length > 0) onFraction?.(Math.min(1, received / length));
    }
  } catch (error) {
    reader.cancel().catch(() => {}); // nobody wants the rest; a stream that failed says so again
    throw error;
  }
}
