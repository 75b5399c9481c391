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
  if (!(source instanceof Blob)) return download(source, signal, onFraction);
  try {
    return new Uint8Array(await source.arrayBuffer());
  } catch (error) {
    // A file on disk that was changed after it was picked, or is larger than memory.
    const { message } = error as Error;
    throw new InputError(`The file of ${source.size} bytes could not be read: ${message}.`, { cause: error });
  }
}

/**
 * What to load a model from again once its weights went with a context. A blob, since a browser holds it outside of the page's memory,
 * on disk if need be, while packed texels would take as many bytes in the page as the weights do on the GPU, for as long as the model
 * lives and most often for nothing. Not the URL: the page may be offline by then. Not the caller's buffer: it may be written to.
 */
export function keepSource(source: WeightsSource, bytes: Uint8Array): Blob {
  return source instanceof Blob ? source : new Blob([bytes as Uint8Array<ArrayBuffer>]);
}

async function download(
  url: string | URL,
  signal?: AbortSignal,
  onFraction?: (fraction: number) => void,
): Promise<Uint8Array> {
  async function attempt<T>(work: () => T | Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      signal?.throwIfAborted();
      throw new InputError(`The weights at ${url} could not be fetched: ${(error as Error).message}.`, {
        cause: error,
      });
    }
  }

  const response = await attempt(() => fetch(url, { signal }));
  if (!response.ok)
    throw new InputError(
      `The weights at ${url} could not be fetched: the server answered ${response.status} ${response.statusText}.`,
    );
  if (response.headers.get('content-type')?.startsWith('text/html'))
    throw new InputError(`At ${url} there is a web page, not a checkpoint.`);

  // 0 when it is not told. Where the body is compressed on its way it is not the length of the file.
  const length = Number(response.headers.get('content-length'));
  let bytes = await attempt(() => new Uint8Array(length > 0 ? length : FIRST_CAPACITY));
  let received = 0;
  for (const reader = response.body?.getReader(); reader; ) {
    const { done, value } = await attempt(() => reader.read());
    if (done) break;
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
  return bytes.subarray(0, received);
}
