/** Builds what the npm package holds: the library as one module that any page can import, its types, and the command line. */
import { execFile } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Command } from 'commander';
import { bundle } from './bundle.ts';
import { bundleCommand } from './command.ts';
import { outputFolder } from './output_folder.ts';
import { root } from './root.ts';

const { out: folder } = new Command('npm run package --')
  .option(
    '--out <folder>',
    'where to write; existing contents are deleted',
    outputFolder('vmambair.js'),
    join(root, 'lib'),
  )
  .parse()
  .opts<{ out: string }>();

const library = await bundle("export * from './src/index.ts'", {
  minify: true,
  sourcemap: false,
  legalComments: 'eof',
});
await rm(folder, { recursive: true, force: true });
await mkdir(folder, { recursive: true });
await writeFile(join(folder, 'vmambair.js'), library);
const { script, licences } = await bundleCommand();
await writeFile(join(folder, 'cli.js'), script, { mode: 0o755 });
await writeFile(join(folder, 'cli.licences.txt'), licences);

const compiler = join(root, 'node_modules/typescript/bin/tsc');
const project = join(root, 'tools/package.tsconfig.json');
await promisify(execFile)(process.execPath, [compiler, '-p', project, '--outDir', join(folder, 'types')]);
console.log(
  `wrote ${folder}: vmambair.js, ${(library.length / 1000).toFixed(1)} kB, its types, and cli.js, ${(script.length / 1000).toFixed(1)} kB`,
);
