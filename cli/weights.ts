import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../src/tensor/errors.ts';
import { root } from '../tools/root.ts';
import { readInput } from './files.ts';

/** The checkpoints that come with the project, by their names on the command line. */
const BUNDLED = new Map([
  ['derain', 'derain-tiny.safetensors'],
  ['sr', 'sr-tiny.safetensors'],
]);

/** The bytes of a checkpoint: a bundled one by its name, a file, or what is found at a URL. */
export async function readWeights(source: string): Promise<Uint8Array> {
  if (/^https?:/i.test(source)) return download(source);
  const bundled = BUNDLED.get(source);
  const path = bundled ? join(root, 'weights', bundled) : source;
  if (!existsSync(path)) {
    const names = [...BUNDLED.keys()].join(' and ');
    throw new InputError(`There is no checkpoint '${source}': no such file, and the bundled ones are ${names}.`);
  }
  return readInput('checkpoint', path);
}

/** Node fetches, not the page: servers need not allow other sites to read from them. */
async function download(url: string): Promise<Uint8Array> {
  const fail = (reason: string) => new InputError(`The checkpoint '${url}' cannot be fetched: ${reason}.`);
  let response: Response;
  let bytes: Uint8Array;
  try {
    response = await fetch(url);
    bytes = new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    // fetch says 'fetch failed' and keeps the reason in the cause.
    const { cause = error } = error as Error;
    throw fail(cause instanceof Error ? cause.message || String(Reflect.get(cause, 'code')) : String(cause));
  }
  if (!response.ok) throw fail(`the server answered ${response.status} ${response.statusText}`.trimEnd());
  if (bytes.length === 0) throw fail('the server sent nothing');
  return bytes;
}
