/** The command line as the tests start it. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { bundleCommand } from '../../tools/command.ts';
import { root } from '../../tools/root.ts';

/** Arguments of Node that start it as `npm run` does, TypeScript translated on the way: half a second before anything is done. */
export const TRANSLATED: readonly string[] = ['--import', import.meta.resolve('tsx'), join(root, 'cli/main.ts')];

/** Arguments of Node that start it as the npm package has it. */
export async function packed(): Promise<readonly string[]> {
  const path = join(root, 'out/cli.js');
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, (await bundleCommand()).script);
  return [path];
}
