import { DeviceError, InputError } from '../src/tensor/errors.ts';
import { type Driver, launch } from '../tools/browser.ts';
import { type Served, serve } from '../tools/serve.ts';
import type { Failure, Order, Report, Stage, Wanted } from './page.ts';
import type { Pixels } from './picture.ts';
import { openScratch, removeScratch } from './scratch.ts';

export interface Named {
  /** As the user wrote it. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface Job {
  readonly picture: Named;
  readonly weights: Named;
  readonly order: Order;
  readonly onProgress?: (stage: Stage, fraction: number) => void;
}

export interface Output extends Report {
  readonly kind: Wanted;
  /** RGBA of each pixel, or the float32 values of a tensor [1, 3, height, width]. */
  readonly bytes: Uint8Array;
  /** The picture that came in; only with pixels. */
  readonly before?: Pixels;
}

const PAGE = `<!doctype html>
<meta charset="utf-8">
<title>vmambair</title>
<link rel="icon" href="data:,">
<script type="module" src="/page.js"></script>
`;

/**
 * Restores one picture in a browser that is started for it and closed after it.
 * Pictures and weights travel by HTTP in both directions: a message to the page is a string, and slow when it is long.
 * @throws InputError, DeviceError, NoDeviceError.
 */
export async function computeInBrowser(driver: Driver | 'auto', job: Job): Promise<Output> {
  const files = new Map<string, string | Uint8Array>([
    ['/', PAGE],
    ['/page.js', await pageScript()],
    ['/picture', job.picture.bytes],
    ['/weights', job.weights.bytes],
  ]);
  openScratch();
  try {
    const server = await serve({ files });
    try {
      return await computeFrom(server, driver, job);
    } finally {
      await server.close();
    }
  } finally {
    removeScratch();
  }
}

async function computeFrom(server: Served, driver: Driver | 'auto', job: Job): Promise<Output> {
  const { order, onProgress } = job;
  const { wanted } = order;
  const { browser, page } = await launch({ driver });
  try {
    const answer = await unlessItEnds(async () => {
      if (onProgress) await page.exposeFunction('reportProgress', onProgress);
      await page.goto(server.url);
      return page.evaluate((order) => globalThis.restorePicture(order), order);
    });
    if ('problem' in answer) throw errorFrom(answer, job);
    const bytes = await server.upload('output');
    if (wanted === 'tensor') return { ...answer, kind: wanted, bytes };
    return { ...answer, kind: wanted, bytes, before: { ...answer.inputSize, data: await server.upload('before') } };
  } finally {
    await browser.close();
  }
}

/** What cli/page.ts is bundled to, put in where the whole program is bundled. */
declare const PAGE_SCRIPT: string | undefined;

async function pageScript(): Promise<string> {
  if (typeof PAGE_SCRIPT === 'undefined') {
    const { bundle } = await import('../tools/bundle.ts');
    return bundle("import './cli/page.ts'");
  }
  return PAGE_SCRIPT;
}

/** The page catches what goes wrong in it, so that a failure out here is the browser's end. */
async function unlessItEnds<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    // 'page.evaluate: Target crashed', and a log of the browser after it.
    const [reason] = String(error instanceof Error ? error.message : error).split('\n');
    const plain = reason.replace(/^page\.\w+: /, '').trim();
    throw new DeviceError(`The browser ended before the picture was restored (${plain}).`);
  }
}

/** The page's error, with the name of the file that it is about, if it is about one. */
export function errorFrom(
  { problem, name, message, stack }: Failure,
  { picture, weights }: Pick<Job, 'picture' | 'weights'>,
): Error {
  if (name === 'DeviceError') return new DeviceError(message);
  if (name !== 'InputError' && name !== 'SizeError') return Object.assign(new Error(message), { name, stack });
  if (problem === 'device') return new InputError(message);
  const subject = problem === 'weights' ? `checkpoint '${weights.name}'` : `picture '${picture.name}'`;
  return new InputError(`The ${subject} cannot be used: ${message}`);
}
