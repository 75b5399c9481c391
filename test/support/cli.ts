/** The command line as the tests start it. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { bundleModules, root } from '../../tools/bundle.ts';
import { importMeta } from '../../tools/testing/bundle.ts';

/** Arguments of Node that start it as `npm run` does, TypeScript translated on the way: half a second before anything is done. */
export const TRANSLATED: readonly string[] = ['--import', import.meta.resolve('tsx'), join(root, 'cli/main.ts')];

/** Arguments of Node that start it translated beforehand, into a folder of out/. */
export async function translate(folder: string): Promise<readonly string[]> {
  const files = await bundleModules(
    { main: 'cli/main.ts' },
    { platform: 'node', packages: 'external', plugins: [importMeta], outExtension: { '.js': '.mjs' } },
  );
  for (const [path, text] of files) {
    const file = join(root, 'out', folder, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
  return [join(root, 'out', folder, 'main.mjs')];
}
