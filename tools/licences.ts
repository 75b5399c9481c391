/** Which packages a bundle is made of, and on what terms they may be handed on. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Plugin } from 'esbuild';
import { root } from './root.ts';

/** esbuild plugin: notes the packages of which something is in a bundle. What was read and left out does not count. */
export function noting(packages: Set<string>): Plugin {
  return {
    name: 'packages',
    setup(build) {
      build.initialOptions.metafile = true;
      build.onEnd(({ metafile }) => {
        const inputs = Object.values(metafile?.outputs ?? {}).flatMap(({ inputs }) => Object.entries(inputs));
        for (const [path, { bytesInOutput }] of inputs) {
          const [, name] = /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path) ?? [];
          if (name && bytesInOutput > 0) packages.add(name);
        }
      });
    },
  };
}

/** The licences of packages, one after the other. */
export async function licencesOf(packages: Iterable<string>): Promise<string> {
  return (await Promise.all([...packages].sort().map(licenceOf))).join('\n');
}

async function licenceOf(name: string): Promise<string> {
  const folder = join(root, 'node_modules', name);
  const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
  if (file) return `${name}\n\n${await readFile(join(folder, file), 'utf8')}`;
  const { license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  if (!license) throw new Error(`The package ${name} does not tell its licence.`);
  return `${name}\n\n${license}\n`;
}
