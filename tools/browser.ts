import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Browser, BrowserType, Page } from 'playwright-core';
import { type Executable, unpackEmbedded } from './embedded.ts';

/** What draws: a graphics card, or one of two renderers in software. */
export type Driver = 'gpu' | 'llvmpipe' | 'swiftshader';

export interface LaunchOptions {
  /** 'auto' takes the first of `possibleDrivers` that comes up. */
  readonly driver: Driver | 'auto';
  /** Path of a browser, or 'embedded', 'chrome', 'msedge'. The environment variable VMAMBAIR_BROWSER says the same. */
  readonly executable?: string;
  /** The page to open; about:blank without it. */
  readonly url?: string;
  /** Whether to ask for WebGPU too, in software where WebGL is; not every browser and machine has it. */
  readonly webgpu?: boolean;
  /** More switches for the browser's command line. */
  readonly switches?: readonly string[];
}

export interface Launched {
  readonly browser: Browser;
  readonly page: Page;
  /** The renderer's name as WebGL tells it. */
  readonly renderer: string;
  readonly driver: Driver;
}

/** No browser came up with the driver that was asked for. */
export class NoDeviceError extends Error {
  override name = 'NoDeviceError';
}

// Where Linux shows a graphics card: the kernel's own drivers, NVIDIA's, Windows' below WSL, Arm's.
const GRAPHICS_CARDS = ['/dev/dri', '/dev/nvidiactl', '/dev/dxg', '/dev/mali0'];

/** What there may be on this machine, fastest first: to ask for a card that is not there costs two starts of a browser. */
export function possibleDrivers(): readonly Driver[] {
  const noCard = process.platform === 'linux' && !GRAPHICS_CARDS.some((path) => existsSync(path));
  return noCard ? ['llvmpipe', 'swiftshader'] : ['gpu', 'llvmpipe', 'swiftshader'];
}

// Each list holds the ways to ask for a driver, in the order in which they are tried.
const ANGLE_BACKENDS: Record<Driver, readonly string[]> = {
  gpu: process.platform === 'linux' ? ['gl-egl', 'vulkan'] : ['default'],
  llvmpipe: ['gl-egl'],
  swiftshader: ['swiftshader'],
};

const COMMON_FLAGS = [
  '--headless',
  '--no-sandbox',
  '--use-gl=angle',
  '--ignore-gpu-blocklist',
  // A pass that takes long in software is slow, not stuck.
  '--disable-gpu-watchdog',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

// Playwright always passes this, and SwiftShader needs it. With another driver it makes the browser fall back to SwiftShader.
const SWIFTSHADER_FLAG = '--enable-unsafe-swiftshader';

const SYSTEM_BROWSERS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge'];

/** Browsers that Playwright finds where they are installed. */
const CHANNELS = ['chrome', 'msedge'];

const ADVICE = 'Install Chrome, or name a browser in VMAMBAIR_BROWSER.';

/** Starts a browser with one page, and makes sure that the page has WebGL2 on the driver asked for. */
export async function launch(options: LaunchOptions): Promise<Launched> {
  const chromium = await playwright();
  const wanted = options.driver === 'auto' ? possibleDrivers() : [options.driver];
  const reports: string[] = [];
  for (const driver of wanted) {
    const named = options.executable || process.env.VMAMBAIR_BROWSER;
    for (const name of named ? [named] : browsersFor(driver, chromium.executablePath())) {
      for (const backend of ANGLE_BACKENDS[driver]) {
        const outcome = await start(chromium, name, driver, backend, options);
        if (typeof outcome !== 'string') {
          if (options.url) await outcome.page.goto(options.url);
          return outcome;
        }
        reports.push(`${name} (${backend}): ${outcome}`);
      }
    }
  }
  throw new NoDeviceError(
    `No WebGL2 device for the driver '${options.driver}': ${reports.join('; ') || 'no browser was found'}. ${ADVICE}`,
  );
}

/** Loaded when it is needed: it is large, and those who only read checkpoints may do without. */
async function playwright(): Promise<BrowserType> {
  try {
    return (await import('playwright-core')).chromium;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new NoDeviceError(
      "The browser is driven by the package playwright-core, which is not installed: 'npm install playwright-core' adds it.",
    );
  }
}

/** Starts one browser in one way. When that does not give the driver, says what came instead. */
async function start(
  chromium: BrowserType,
  name: string,
  driver: Driver,
  backend: string,
  { webgpu, switches = [] }: LaunchOptions,
): Promise<Launched | string> {
  let browser: Browser | undefined;
  try {
    const { path, env }: Executable = name === 'embedded' ? await unpackEmbedded() : { path: name };
    browser = await chromium.launch({
      ...(CHANNELS.includes(name) ? { channel: name } : { executablePath: path }),
      env: { ...process.env, ...env } as Record<string, string>,
      args: [...COMMON_FLAGS, `--use-angle=${backend}`, ...(webgpu ? webgpuFlags(driver) : []), ...switches],
      ignoreDefaultArgs: driver === 'swiftshader' ? ['--disable-gpu'] : ['--disable-gpu', SWIFTSHADER_FLAG],
      timeout: 60_000,
    });
    const page = await browser.newPage();
    const renderer = await page.evaluate(askRenderer);
    if (renderer && driverOf(renderer) === driver) return { browser, page, renderer, driver };
    await browser.close();
    return renderer ? `it drew with ${renderer}` : 'it has no WebGL2';
  } catch (error) {
    await browser?.close();
    return firstLine(error);
  }
}

function webgpuFlags(driver: Driver): string[] {
  const adapter = driver === 'gpu' ? [] : ['--use-webgpu-adapter=swiftshader'];
  return ['--enable-unsafe-webgpu', '--enable-features=Vulkan', ...adapter];
}

/**
 * The browsers to try, best first: paths, channels, or 'embedded'.
 * @param playwrights where Playwright's own browser is, if it is installed
 */
export function browsersFor(
  driver: Driver,
  playwrights: string,
  { platform, arch }: Pick<NodeJS.Process, 'platform' | 'arch'> = process,
): string[] {
  const linux = platform === 'linux';
  return [
    ...findOnPath(SYSTEM_BROWSERS),
    // Elsewhere browsers are not on the path.
    ...(linux ? [] : CHANNELS),
    ...(existsSync(playwrights) ? [playwrights] : []),
    // The embedded browser is built for one kind of machine, and with SwiftShader only.
    ...(linux && arch === 'x64' && driver === 'swiftshader' ? ['embedded'] : []),
  ];
}

function findOnPath(names: readonly string[]): string[] {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  return names.flatMap((name) =>
    folders
      .map((folder) => join(folder, name))
      .filter(isExecutable)
      .slice(0, 1),
  );
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function driverOf(renderer: string): Driver | undefined {
  if (/swiftshader/i.test(renderer)) return 'swiftshader';
  if (/llvmpipe/i.test(renderer)) return 'llvmpipe';
  // Other renderers in software are neither a GPU nor one that we know.
  return /softpipe|software|basic render/i.test(renderer) ? undefined : 'gpu';
}

/** Runs in the page. */
function askRenderer(): string | undefined {
  const gl = document.createElement('canvas').getContext('webgl2');
  if (!gl) return undefined;
  const info = gl.getExtension('WEBGL_debug_renderer_info');
  const renderer = gl.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : gl.RENDERER);
  // Give the context back at once; the page is for its caller.
  gl.getExtension('WEBGL_lose_context')?.loseContext();
  return String(renderer);
}

function firstLine(error: unknown): string {
  return String(error instanceof Error ? error.message : error).split('\n')[0];
}
