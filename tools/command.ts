/** The command line as one file, for the npm package: of Node's it needs nothing, and of others' only what drives a browser. */
import type { BuildOptions } from 'esbuild';
import { bundle } from './bundle.ts';
import { licencesOf, noting } from './licences.ts';

/** Some of what is bundled asks for Node's modules in the older way. */
const BANNER = `#!/usr/bin/env node
import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);`;

export interface Command {
  readonly script: string;
  /** Of the packages that are in the script, and in the page that is in it. */
  readonly licences: string;
}

export async function bundleCommand(): Promise<Command> {
  const packages = new Set<string>();
  const small: BuildOptions = {
    minify: true,
    sourcemap: false,
    legalComments: 'none',
    plugins: [noting(packages)],
  };
  const page = await bundle("import './cli/page.ts'", small);
  const script = await bundle("import './cli/main.ts'", {
    ...small,
    platform: 'node',
    target: 'node20',
    external: ['playwright-core', '@sparticuz/chromium'],
    define: { PAGE_SCRIPT: JSON.stringify(page) },
    banner: { js: BANNER },
  });
  return { script, licences: await licencesOf(packages) };
}
