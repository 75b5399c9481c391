import { execFile } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
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

const home = (): string => dirname(dirname(dirname(fileURLToPath(import.meta.resolve(PACKAGE)))));

/** node_modules/.cache, or the user's where packages are installed for all and cannot be written to. */
const cachesToTry = (): string[] => [
  join(home(), '../../.cache'),
  join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'vmambair'),
];

/**
 * Unpacks the Chromium that comes with the package @sparticuz/chromium, once, into the first of the folders that can be written to.
 * It brings its own system libraries, so that it also starts where no browser was ever installed.
 */
export async function unpackEmbedded(caches: readonly string[] = cachesToTry()): Promise<Executable> {
  const { version } = JSON.parse(await readFile(join(home(), 'package.json'), 'utf8'));
  const name = `chromium-${version}`;
  const folder = caches.map((cache) => join(cache, name)).find(existsSync) ?? (await unpackIntoOne(caches, name));
  return {
    path: join(folder, 'chromium'),
    env: { LD_LIBRARY_PATH: join(folder, 'al2023/lib'), FONTCONFIG_PATH: join(folder, 'fonts') },
  };
}

async function unpackIntoOne(caches: readonly string[], name: string): Promise<string> {
  let reason: unknown;
  for (const cache of caches) {
    let staging: string;
    try {
      await mkdir(cache, { recursive: true });
      staging = await mkdtemp(join(cache, 'unpacking-'));
    } catch (error) {
      reason = error;
      continue;
    }
    const folder = join(cache, name);
    await unpackInto(folder, staging);
    return folder;
  }
  throw reason;
}

/** Each process unpacks into a folder of its own; the rename lets one of them win and nobody see half a browser. */
async function unpackInto(folder: string, staging: string): Promise<void> {
  // The package unpacks into the temporary folder, and its libraries only where it believes to be on AWS.
  // A process of its own keeps these settings out of ours.
  const script = `import('${PACKAGE}').then((module) => module.default.executablePath())`;
  const env = { ...process.env, TMPDIR: staging, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs20.x' };
  const unpacking = promisify(execFile)(process.execPath, ['-e', script], { cwd: root, env });
  const cleanUp = (): void => {
    unpacking.child.kill('SIGKILL');
    // It may write on for a moment, so that it takes several tries now and then.
    rmSync(staging, { recursive: true, force: true, maxRetries: 10 });
  };
  process.once('exit', cleanUp);
  try {
    await unpacking;
    await writeFile(join(staging, 'fonts/fonts.conf'), FONTS);
    await rename(staging, folder);
  } catch (error) {
    cleanUp();
    if (!existsSync(folder)) throw error;
  } finally {
    process.off('exit', cleanUp);
  }
}
