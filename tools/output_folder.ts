import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { InvalidArgumentError } from 'commander';
import { root } from './root.ts';

/**
 * Reads an option --out that names a folder whose contents are to be deleted: none that holds the project, nor anything else that was not
 * written here earlier.
 * @param mark a file that each output has
 */
export function outputFolder(mark: string): (path: string) => string {
  return (path) => {
    const folder = resolve(path);
    if (!existsSync(folder)) return folder;
    const rest = relative(realpathSync(folder), realpathSync(root));
    if (!rest.startsWith('..') && !isAbsolute(rest)) throw new InvalidArgumentError('The project lies in this folder.');
    if (!isEmpty(folder) && !existsSync(join(folder, mark)))
      throw new InvalidArgumentError(`It is not empty, and no earlier output: it has no ${mark}.`);
    return folder;
  };
}

function isEmpty(folder: string): boolean {
  try {
    return readdirSync(folder).length === 0;
  } catch (error) {
    throw new InvalidArgumentError(`It cannot be read as a folder: ${(error as Error).message}.`);
  }
}
