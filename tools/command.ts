/** The command line as one file, for the npm package: of Node's it needs nothing, and of others' only what drives a browser. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BuildOptions, Plugin } from 'esbuild';
import { bundle } from './bundle.ts';
import { root } from './root.ts';

const SMALL: BuildOptions = { minify: true, sourcemap: false, legalComments: 'none' };

/** Some of what is bundled asks for Node's modules in the older way. */
const BANNER = `#!/usr/bin/env node
import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);`;

export interface Command {
  readonly script: string;
  /** The licences of the packages that are in the script. */
  readonly licences: string;
}

export async function bundleCommand(): Promise<Command> {
  const page = await bundle("import './cli/page.ts'", SMALL);
  const packages = new Set<string>();
  const script = await bundle("import './cli/main.ts'", {
    ...SMALL,
    platform: 'node',
    target: 'node20',
    external: ['playwright-core', '@sparticuz/chromium'],
    define: { PAGE_SCRIPT: JSON.stringify(page) },
    banner: { js: BANNER },
    metafile: true,
    plugins: [noting(packages)],
  });
  // The page's own two are in there with their comments left out.
  const licences = await Promise.all([...packages, 'twgl.js', 'gl-matrix'].sort().map(licenceOf));
  return { script, licences: licences.join('\n') };
}

/** Notes the packages that a bundle is made of. */
function noting(packages: Set<string>): Plugin {
  return {
    name: 'packages',
    setup(build) {
      build.onEnd(({ metafile }) => {
        for (const path of Object.keys(metafile!.inputs)) {
          const [, name] = /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path) ?? [];
          if (name) packages.add(name);
        }
      });
    },
  };
}

async function licenceOf(name: string): Promise<string> {
  const folder = join(root, 'node_modules', name);
  const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
  if (!file) throw new Error(`The package ${name} has no file with its licence.`);
  return `${name}\n\n${await readFile(join(folder, file), 'utf8')}`;
}
