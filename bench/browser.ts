/** One browser with one page for the whole benchmark on a driver. */
import { cpus } from 'node:os';
import { type Driver, launch } from '../tools/browser.ts';
import type { Content } from '../tools/serve.ts';
import { serve } from '../tools/serve.ts';
import type { BenchEvents, BenchOptions } from './host.ts';
import type { DeviceResult } from './results.ts';

const PAGE = `<!doctype html>
<meta charset="utf-8">
<title>Benchmark</title>
<link rel="icon" href="data:,">
`;

export type Listener = Omit<BenchEvents, 'signal' | 'onResult'>;

export interface Measured {
  readonly result: DeviceResult;
  readonly cores: number;
  /** Why not everything was measured: the time was over, or the page crashed or failed, of which there is a reason. */
  readonly cut?: 'time' | 'crash';
  readonly reason?: string;
}

/**
 * Hands limits and each case over as soon as they are measured. After so many minutes the case under way is given up and none begun.
 * Where the page crashes or fails, what was measured before is the result.
 * @throws NoDeviceError where there is no such driver.
 */
export async function measureOn(
  driver: Driver,
  files: ReadonlyMap<string, Content>,
  options: BenchOptions,
  minutes: number,
  listener: Listener,
): Promise<Measured> {
  const server = await serve({ files: (path) => (path === '/' ? PAGE : files.get(path.slice(1))) });
  try {
    // In software WebGPU runs on SwiftShader, whatever WebGL runs on: once is enough.
    const { browser, page } = await launch({ driver, url: server.url, webgpu: driver !== 'llvmpipe' });
    try {
      // Each call is work for the page while others are timed, so there is none where nobody listens.
      if (listener.onStatus) await page.exposeFunction('benchmarkStatus', listener.onStatus);
      await page.exposeFunction('benchmarkCase', listener.onCase);
      await page.exposeFunction('benchmarkLimits', listener.onLimits);
      let soFar: DeviceResult | undefined;
      await page.exposeFunction('benchmarkResult', (result: DeviceResult) => {
        soFar = result;
      });
      const crash = new Promise<Error>((resolve) => page.once('crash', () => resolve(new Error('it crashed'))));
      const run = page.evaluate(runInPage, { options, minutes }).catch((error: Error) => error);
      const measured = await Promise.race([run, crash]);
      const named = (result: DeviceResult): DeviceResult => ({
        driver,
        ...result,
        browser: `Chromium ${browser.version()}`,
      });
      if (!(measured instanceof Error)) return { ...measured, result: named(measured.result) };
      if (!soFar) throw measured;
      return { result: named(soFar), cores: cpus().length, cut: 'crash', reason: measured.message.split('\n')[0] };
    } finally {
      await browser.close();
    }
  } finally {
    await server.close();
  }
}

/** Runs in the page. */
async function runInPage({ options, minutes }: { options: BenchOptions; minutes: number }): Promise<Measured> {
  const script = '/bench/host.js';
  const host: typeof import('./host.ts') = await import(script);
  const { benchmarkStatus, benchmarkCase, benchmarkLimits, benchmarkResult } = globalThis as unknown as {
    benchmarkStatus?: Listener['onStatus'];
    benchmarkCase: Listener['onCase'];
    benchmarkLimits: Listener['onLimits'];
    benchmarkResult: BenchEvents['onResult'];
  };
  const signal = AbortSignal.timeout(minutes * 60_000);
  const result = await host.runBenchmark(options, {
    signal,
    onStatus: benchmarkStatus,
    onCase: benchmarkCase,
    onLimits: benchmarkLimits,
    onResult: benchmarkResult,
  });
  return { result, cores: navigator.hardwareConcurrency, cut: signal.aborted ? 'time' : undefined };
}
