/** Reading what the user names and writing what the user gets, with a sentence for everything that can go wrong. */
import { constants, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { access, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, sep } from 'node:path';
import { InputError } from '../src/tensor/errors.ts';

const REASONS: Record<string, string> = {
  EACCES: 'permission is denied',
  EBUSY: 'it is in use',
  EDQUOT: 'the disk quota is used up',
  EEXIST: 'there is a file of this name',
  EIO: 'the disk failed',
  EISDIR: 'it is a folder',
  ELOOP: 'its links lead in a circle',
  EMFILE: 'too many files are open',
  ENAMETOOLONG: 'its name is too long',
  ENOENT: 'it does not exist',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'it is, or lies in, a file',
  EPERM: 'permission is denied',
  EROFS: 'the disk is read-only',
  ETXTBSY: 'it is in use',
};

/** @throws InputError when the file cannot be read or is empty. */
export async function readInput(what: string, path: string): Promise<Buffer> {
  const bytes = await readFile(path).catch((error) => {
    throw new InputError(`The ${what} '${path}' cannot be read: ${reasonOf(error)}.`);
  });
  if (bytes.length === 0) throw new InputError(`The ${what} '${path}' is empty.`);
  return bytes;
}

/** Finds out before the long work whether there is somewhere to put its result: in a folder that is there, or in one to be made. */
export async function checkTargets(
  targets: readonly string[],
  input: string,
  { what = 'picture', makesFolder = false } = {},
): Promise<void> {
  for (const path of targets) {
    const own = dirname(path);
    const folder = makesFolder && !existsSync(own) ? dirname(own) : own;
    try {
      // The separator at its end makes a file of that name an error.
      await access(join(folder, sep), constants.W_OK);
    } catch (error) {
      throw new InputError(`The output folder '${folder}' cannot be written to: ${reasonOf(error)}.`);
    }
    const info = await stat(path).catch(() => undefined);
    if (info?.isDirectory()) throw new InputError(`The output '${path}' cannot be written: it is a folder.`);
    if (await isSame(path, input)) {
      throw new InputError(`The output '${path}' would overwrite the ${what} that it is made from.`);
    }
  }
}

/** @throws InputError when there is no such folder and none can be made. */
export function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
  } catch (error) {
    throw new InputError(`The output folder '${path}' cannot be made: ${reasonOf(error)}.`);
  }
}

/**
 * Writes each file under another name first, so that nobody sees half a file, and what is there stays until all are complete.
 * Without a pause for events: Ctrl-C waits until the files are complete or gone.
 */
export function writeAll(files: readonly (readonly [path: string, content: Uint8Array])[]): void {
  const partOf = (path: string) => join(dirname(path), `.${basename(path)}.${process.pid}.part`);
  const done: string[] = [];
  let current = '';
  try {
    for (const [path, content] of files) {
      current = path;
      writeFileSync(partOf(path), content);
    }
    for (const [path] of files) {
      current = path;
      renameSync(partOf(path), path);
      done.push(`'${path}'`);
    }
  } catch (error) {
    for (const [path] of files) remove(partOf(path));
    const others = done.length > 0 ? `, but ${done.join(' and ')} was` : '';
    throw new InputError(`The output '${current}' cannot be written${others}: ${reasonOf(error)}.`);
  }
}

function remove(path: string): void {
  try {
    rmSync(path);
  } catch {
    // It was never written, or has its own name by now.
  }
}

export function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return REASONS[code ?? ''] ?? message;
}

/** Whether two paths lead to one file: by links, or where capitals make no difference. */
async function isSame(one: string, other: string): Promise<boolean> {
  try {
    const [a, b] = await Promise.all([one, other].map((path) => stat(path, { bigint: true })));
    return a.dev === b.dev && a.ino === b.ino;
  } catch {
    return false; // one of them is not there
  }
}
