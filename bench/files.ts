/** What the benchmark is made of, as it is served to a page: paths are relative to the page's folder. */
import { bundleModules } from '../tools/bundle.ts';
import type { Content } from '../tools/serve.ts';

/** Scripts: bench/host.js exports `runBenchmark` for pages that do not bundle it, bench/worker.js is what it starts. */
export async function benchmarkFiles(options?: Parameters<typeof bundleModules>[1]): Promise<Map<string, Content>> {
  return bundleModules({ 'bench/host': 'bench/host.ts', 'bench/worker': 'bench/worker.ts' }, options);
}
