import { resolve } from 'node:path';
import { type BuildOptions, build } from 'esbuild';
import { glsl } from './glsl.ts';

/** The project's folder. */
export const root = resolve(import.meta.dirname, '..');

/**
 * Bundles a small entry text, such as `import './cli/page.ts'` (paths from the project's folder), into one
 * ES module for the browser. The source map is inline, its paths are relative to the project's folder.
 */
export async function bundle(entry: string, options: BuildOptions = {}): Promise<string> {
  const result = await build({
    stdin: { contents: entry, resolveDir: root, sourcefile: 'entry.ts', loader: 'ts' },
    absWorkingDir: root,
    outfile: 'bundle.js',
    bundle: true,
    format: 'esm',
    // Older browsers than our own do not know `using`; esbuild rewrites it for this target.
    target: 'es2022',
    sourcemap: 'inline',
    sourcesContent: false,
    logLevel: 'silent',
    ...options,
    plugins: [glsl(root), ...(options.plugins ?? [])],
    write: false,
  });
  return result.outputFiles[0].text;
}
