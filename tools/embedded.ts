import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { root } from './root.ts';

export interface Executable {
  readonly path: string;
  /** Variables the browser needs besides those of this process. */
  readonly env?: Readonly<Record<string, string>>;
}

const PACKAGE = '@sparticuz/chromium';

/** The package's own configuration knows places on AWS only, and a browser without fonts draws no text. */
const FONTS = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <dir prefix="relative">fonts</dir>
</fontconfig>
`;

/**
 * Unpacks the Chromium that comes with the package @sparticuz/chromium, once, into node_modules/.cache.
 * It brings its own system libraries, so that it also starts where no browser was ever installed.
 */
export async function unpackEmbedded(): Promise<Executable> {
  const home = dirname(dirname(dirname(fileURLToPath(import.meta.resolve(PACKAGE)))));
  const { version } = JSON.parse(await readFile(join(home, 'package.json'), 'utf8'));
  const cache = join(home, '../../.cache');
  const folder = join(cache, `chromium-${version}`);
  if (!existsSync(folder)) {
    await mkdir(cache, { recursive: true });
    await unpackInto(folder, await mkdtemp(join(cache, 'unpacking-')));
  }
  return {
    path: join(folder, 'chromium'),
    env: { LD_LIBRARY_PATH: join(folder, 'al2023/lib'), FONTCONFIG_PATH: join(folder, 'fonts') },
  };
}

/** Each process unpacks into a folder of its own; the rename lets one of them win and nobody see half a browser. */
async function unpackInto(folder: string, staging: string): Promise<void> {
  // The package unpacks into the temporary folder, and its libraries only where it believes to be on AWS.
  // A process of its own keeps these settings out of ours.
  const script = `import('${PACKAGE}').then((module) => module.default.executablePath())`;
  const env = { ...process.env, TMPDIR: staging, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs20.x' };
  try {
    await promisify(execFile)(process.execPath, ['-e', script], { cwd: root, env });
    await writeFile(join(staging, 'fonts/fonts.conf'), FONTS);
    await rename(staging, folder);
  } catch (error) {
    await rm(staging, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
}
