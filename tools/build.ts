/** Builds the page: a folder of static files with relative addresses, which works from any place on a server. */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Command } from 'commander';
import type { BuildOptions } from 'esbuild';
import { benchmarkFiles } from '../bench/files.ts';
import { bundle } from './bundle.ts';
import { licencesOf, noting } from './licences.ts';
import { outputFolder } from './output_folder.ts';
import { root } from './root.ts';
import type { Content } from './serve.ts';

const SCRIPTS = ['main', 'worker', 'viewer_worker', 'benchmark'];
const PAGES = ['index.html', 'benchmark.html', 'look.css', 'style.css', 'benchmark.css'];
const COPIES = [
  ...['derain', 'sr'].map((name) => `weights/${name}-tiny.safetensors`),
  ...['cat', 'cup'].flatMap((name) => [`samples/${name}.rain.png`, `samples/${name}.small.png`]),
];

/** The page's files by their path in its folder. */
export async function buildPage(): Promise<Map<string, Content>> {
  const packages = new Set<string>();
  const small: BuildOptions = { minify: true, sourcemap: false, legalComments: 'eof', plugins: [noting(packages)] };
  const benchmark = await benchmarkFiles(small);
  const files = await Promise.all([
    ...SCRIPTS.map(async (name) => [`${name}.js`, await bundle(`import './page/${name}.ts';`, small)] as const),
    ...PAGES.map(async (name) => [name, await readFile(join(root, 'page', name))] as const),
    ['report.css', await readFile(join(root, 'bench/report/report.css'))] as const,
    ...COPIES.map(async (path) => [path, await readFile(join(root, path))] as const),
  ]);
  return new Map<string, Content>([...benchmark, ...files, ['licences.txt', await licencesOf(packages)]]);
}

/** Writes the page to a folder of its own: what was there before is deleted. */
async function build(folder: string): Promise<void> {
  const files = await buildPage();
  await rm(folder, { recursive: true, force: true });
  for (const [path, content] of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
    console.log(`${path.padEnd(32)} ${(content.length / 1000).toFixed(1).padStart(8)} kB`);
  }
  console.log(`wrote ${folder}`);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { out } = new Command('npm run build --')
    .option(
      '--out <folder>',
      'where to write; existing contents are deleted',
      outputFolder('viewer_worker.js'),
      join(root, 'dist'),
    )
    .parse()
    .opts<{ out: string }>();
  await build(out);
}
