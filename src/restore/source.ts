/** Where weights come from. */
import { InputError } from '../tensor/errors.ts';

/** A URL, a file that was picked or dropped, or the bytes themselves. */
export type WeightsSource = string | URL | Blob | ArrayBuffer;

/** Room for a file whose length the server does not tell. It doubles when it is full. */
const FIRST_CAPACITY = 2 ** 20;

/**
 * All bytes of a checkpoint, held once.
 * @throws InputError when they cannot be had, or are a web page; the signal's reason when it is aborted.
 */
export async function readSource(
  source: WeightsSource,
  signal?: AbortSignal,
  onFraction?: (fraction: number) => void,
): Promise<Uint8Array> {
  if (source instanceof ArrayBuffer) return new Uint8Array(source);
  return source instanceof Blob ? readBlob(source, signal, onFraction) : download(source, signal, onFraction);
}

/**
 * What to load a model from again once its weights went with a context. A blob, since a browser holds it outside of the page's memory,
 * on disk if need be, while packed texels would take as many bytes in the page as the weights do on the GPU, for as long as the model
 * lives and most often for nothing. Not the URL: the page may be offline by then. Not the caller's buffer: it may be written to.
 */
export function keepSource(source: WeightsSource, bytes: Uint8Array): Blob {
  return source instanceof Blob ? source : new Blob([bytes as Uint8Array<ArrayBuffer>]);
}

/** Does one step of reading; what goes wrong in it becomes a sentence. */
type Attempt = <T>(work: () => T | Promise<T>) => Promise<T>;

async function readBlob(
  blob: Blob,
  signal?: AbortSignal,
  onFraction?: (fraction: number) => void,
): Promise<Uint8Array> {
  const attempt: Attempt = async (work) => {
    signal?.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      // A file on disk that was changed after it was picked, or is larger than memory.
      const { message } = error as Error;
      throw new InputError(`The file of ${blob.size} bytes could not be read: ${message}.`, { cause: error });
    }
  };
  // By its stream, not by arrayBuffer, which tells nothing on the way.
  return collect(await attempt(() => blob.stream()), blob.size, attempt, onFraction);
}

async function download(
  url: string | URL,
  signal?: AbortSignal,
  onFraction?: (fraction: number) => void,
): Promise<Uint8Array> {
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
  if (!response.ok)
    throw new InputError(
      `The weights at ${url} could not be fetched: the server answered ${response.status} ${response.statusText}.`,
    );
  if (response.headers.get('content-type')?.startsWith('text/html'))
    throw new InputError(`At ${url} there is a web page, not a checkpoint.`);

  // 0 when it is not told. Where the body is compressed on its way it is not the length of the file.
  const length = Number(response.headers.get('content-length'));
  return response.body ? collect(response.body, length, attempt, onFraction) : new Uint8Array(0);
}

/**
 * All bytes of a stream.
 * @param length that it is said to have, for which there is room at once and of which fractions are told; 0 when nobody knows
 */
async function collect(
  stream: ReadableStream<Uint8Array>,
  length: number,
  attempt: Attempt,
  onFraction?: (fraction: number) => void,
): Promise<Uint8Array> {
  const reader = stream.getReader();
  try {
    let bytes = await attempt(() => new Uint8Array(length > 0 ? length : FIRST_CAPACITY));
    let received = 0;
    while (true) {
      const { done, value } = await attempt(() => reader.read());
      if (done) return bytes.subarray(0, received);
      const end = received + value.length;
      if (end > bytes.length) {
        const larger = await attempt(() => new Uint8Array(Math.max(2 * bytes.length, end)));
        larger.set(bytes);
        bytes = larger;
      }
      bytes.set(value, received);
      received = end;
      if (length > 0) onFraction?.(Math.min(1, received / length));
    }
  } catch (error) {
    reader.cancel().catch(() => {}); // nobody wants the rest; a stream that failed says so again
    throw error;
  }
}
