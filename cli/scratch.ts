/** A folder of our own for temporary files, because Chromium leaves some behind when it is killed or crashes. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError } from '../src/tensor/errors.ts';
import { reasonOf } from './files.ts';

/** What says where temporary files go: the first on Unix, the others on Windows. */
const VARIABLES = ['TMPDIR', 'TEMP', 'TMP'];

let folder: string | undefined;

/** From now on temporary files of this process, and of those it starts, go into the folder. @throws InputError */
export function openScratch(): void {
  try {
    folder = mkdtempSync(join(tmpdir(), 'vmambair-'));
  } catch (error) {
    throw new InputError(`The folder '${tmpdir()}' cannot take temporary files: ${reasonOf(error)}.`);
  }
  for (const name of VARIABLES) process.env[name] = folder;
}

/** Does not fail: processes that were just killed may still write, so that it takes several tries now and then. */
export function removeScratch(): void {
  for (let tries = 0; folder && tries < 40; tries++) {
    try {
      rmSync(folder, { recursive: true, force: true });
      folder = undefined;
    } catch {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
    }
  }
}
