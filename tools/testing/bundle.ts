import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { BuildOptions, Plugin } from 'esbuild';
import { bundle } from '../bundle.ts';
import { root } from '../root.ts';

/** Bundles test files (paths from the project's folder) into one module that runs them all. */
export function bundleTests(files: readonly string[], grep: string, options: BuildOptions = {}): Promise<string> {
  const loaders = files.map((file) => `${JSON.stringify(file)}: () => import(${JSON.stringify(`./${file}`)}),`);
  const entry = [
    "import { runFiles } from './tools/testing/suite.ts';",
    `await runFiles({ ${loaders.join('\n')} }, ${JSON.stringify(grep)});`,
  ];
  // es2022 as the target keeps the top-level await that ends the bundle only once all tests ran.
  return bundle(entry.join('\n'), { ...options, plugins: [ownSuite, ...(options.plugins ?? [])] });
}

/** Gives tests our suite for uvu's; `uvu/assert` stays as it is. */
const ownSuite: Plugin = {
  name: 'own suite',
  setup(build) {
    build.onResolve({ filter: /^uvu$/ }, () => ({ path: join(root, 'tools/testing/suite.ts') }));
  },
};

/** Keeps `import.meta` true to each file in a bundle for Node, where the tools find the project's folder by it. */
export const importMeta: Plugin = {
  name: 'import.meta',
  setup(build) {
    build.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      const values = { dirname: dirname(path), url: pathToFileURL(path).href };
      // As an expression that does not match itself: this file, too, may be in a bundle.
      const contents = text.replace(/import\.meta\.(dirname|url)/g, (_, key: keyof typeof values) =>
        JSON.stringify(values[key]),
      );
      return { contents, loader: 'ts' };
    });
  },
};
