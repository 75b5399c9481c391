/** Reading what the user names and writing what the user gets, with a sentence for everything that can go wrong. */
import { constants, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { access, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { InputError } from '../src/tensor/errors.ts';

const REASONS: Record<string, string> = {
  EACCES: 'permission is denied',
  EISDIR: 'it is a folder',
  ENOENT: 'it does not exist',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'it is, or lies in, a file',
  EPERM: 'permission is denied',
  EROFS: 'the disk is read-only',
};

/** @throws InputError when the file cannot be read or is empty. */
export async function readInput(what: string, path: string): Promise<Buffer> {
  const bytes = await readFile(path).catch((error) => {
    throw new InputError(`The ${what} '${path}' cannot be read: ${reasonOf(error)}.`);
  });
  if (bytes.length === 0) throw new InputError(`The ${what} '${path}' is empty.`);
  return bytes;
}

/** Finds out before the long work whether there is somewhere to put its result. */
export async function checkTargets(targets: readonly string[], input: string, what = 'picture'): Promise<void> {
  for (const path of targets) {
    const folder = dirname(path);
    try {
      // The separator at its end makes a file of that name an error.
      await access(join(folder, sep), constants.W_OK);
    } catch (error) {
      throw new InputError(`The output folder '${folder}' cannot be written to: ${reasonOf(error)}.`);
    }
    const info = await stat(path).catch(() => undefined);
    if (info?.isDirectory()) throw new InputError(`The output '${path}' cannot be written: it is a folder.`);
    if (realPath(path) === realPath(input)) {
      throw new InputError(`The output '${path}' would overwrite the ${what} that it is made from.`);
    }
  }
}

/**
 * Writes all of the files or none, each under another name first, so that nobody sees half a file.
 * Without a pause for events: Ctrl-C waits until the files are complete or gone.
 */
export function writeAll(files: readonly (readonly [path: string, content: Uint8Array])[]): void {
  const partOf = (path: string) => join(dirname(path), `.${basename(path)}.${process.pid}.part`);
  const left = new Set<string>();
  let current = '';
  try {
    for (const [path, content] of files) {
      current = path;
      left.add(partOf(path));
      writeFileSync(partOf(path), content);
    }
    for (const [path] of files) {
      current = path;
      renameSync(partOf(path), path);
      left.delete(partOf(path));
      left.add(path);
    }
  } catch (error) {
    for (const path of left) remove(path);
    throw new InputError(`The output '${current}' cannot be written: ${reasonOf(error)}.`);
  }
}

function remove(path: string): void {
  try {
    rmSync(path);
  } catch {
    // It was never written.
  }
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return REASONS[code ?? ''] ?? message;
}

/** Without links; a path of which there is no file yet stays as it is. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}
