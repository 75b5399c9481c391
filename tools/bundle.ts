import { join, relative, sep } from 'node:path';
import { type BuildOptions, build, type OutputFile } from 'esbuild';
import { glsl } from './glsl.ts';
import { root } from './root.ts';

/**
 * Bundles a small entry text, such as `import './cli/page.ts'` (paths from the project's folder), into one
 * ES module for the browser. The source map is inline, its paths are relative to the project's folder.
 */
export async function bundle(entry: string, options: BuildOptions = {}): Promise<string> {
  const [file] = await run({
    stdin: { contents: entry, resolveDir: root, sourcefile: 'entry.ts', loader: 'ts' },
    outfile: 'bundle.js',
    ...options,
  });
  return file.text;
}

/**
 * Bundles scripts (paths from the project's folder) by the path each is to have, without its ending. What several of them need, and
 * what they import while they run, becomes files next to them. Paths are relative to the folder that is served.
 */
export async function bundleModules(
  scripts: Readonly<Record<string, string>>,
  options: BuildOptions = {},
): Promise<Map<string, string>> {
  const outdir = join(root, 'bundle');
  const entryPoints = { ...scripts };
  const files = await run({ entryPoints, outdir, splitting: true, chunkNames: '[dir]/chunks/[hash]', ...options });
  return new Map(files.map(({ path, text }) => [relative(outdir, path).split(sep).join('/'), text]));
}

async function run(options: BuildOptions): Promise<OutputFile[]> {
  const { outputFiles } = await build({
    absWorkingDir: root,
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
  return outputFiles!;
}
