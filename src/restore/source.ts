/** Where weights come from. */
import { InputError } from '../tensor/errors.ts';

/** A URL, a file that was picked or dropped, or the bytes themselves. */
export type WeightsSource = string | URL | Blob | ArrayBuffer;

/** All bytes of a checkpoint. @throws InputError when they cannot be had, or are a web page. */
export async function readSource(
  source: WeightsSource,
  signal?: AbortSignal,
  onFraction?: (fraction: number) => void,
): Promise<Uint8Array> {
  if (source instanceof ArrayBuffer) return new Uint8Array(source);
  if (source instanceof Blob) return new Uint8Array(await source.arrayBuffer());
  const response = await fetchFrom(source, signal);
  const length = Number(response.headers.get('content-length'));
  const chunks: Uint8Array[] = [];
  let received = 0;
  for (let reader = response.body!.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) break;
    chunks.push(value);
    received += value.length;
    if (length > 0) onFraction?.(Math.min(1, received / length));
  }
  const bytes = new Uint8Array(received);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

async function fetchFrom(url: string | URL, signal?: AbortSignal): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw new InputError(`The weights at ${url} could not be fetched: ${(error as Error).message}.`, { cause: error });
  }
  if (!response.ok)
    throw new InputError(
      `The weights at ${url} could not be fetched: the server answered ${response.status} ${response.statusText}.`,
    );
  if (response.headers.get('content-type')?.startsWith('text/html'))
    throw new InputError(`At ${url} there is a web page, not a checkpoint.`);
  return response;
}
