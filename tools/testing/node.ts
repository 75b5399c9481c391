import { fork } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from '../root.ts';
import { bundleTests, importMeta } from './bundle.ts';
import { Tally } from './tally.ts';

/** Runs test files in a Node process of their own. */
export async function runInNode(
  label: string,
  files: readonly string[],
  grep: string,
  limitSeconds: number,
): Promise<Tally> {
  const path = join(root, `out/${label}-tests.mjs`);
  const code = await bundleTests(files, grep, {
    // The source map's paths start from here.
    outfile: path,
    platform: 'node',
    packages: 'external',
    banner: { js: 'globalThis.reportTest = (event) => { process.send(event); };' },
    plugins: [importMeta],
  });
  await mkdir(join(root, 'out'), { recursive: true });
  await writeFile(path, code);

  const tally = new Tally(label, limitSeconds);
  const child = fork(path, { cwd: root, execArgv: ['--enable-source-maps'] });
  child.on('message', (event) => tally.handle(event as Parameters<Tally['handle']>[0]));
  child.on('exit', (code, signal) => tally.abort(`the process ended early (${signal ?? code})`));
  await tally.ended;
  child.kill('SIGKILL');
  return tally;
}
