/** A folder of our own for temporary files, because Chromium leaves some behind when it is killed or crashes. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

let folder: string | undefined;

/** From now on temporary files of this process, and of those it starts, go into the folder. */
export function openScratch(): void {
  folder = mkdtempSync(join(tmpdir(), 'vmambair-'));
  process.env.TMPDIR = folder;
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
