import { basename, dirname, extname, join, relative } from 'node:path';
import type { EngineOptions } from '../src/index.ts';
import type { Driver } from '../tools/browser.ts';
import { root } from '../tools/root.ts';
import { computeInBrowser, type Output } from './compute.ts';
import { checkTargets, makeFolder, readInput, writeAll } from './files.ts';
import { compare, encodePng } from './picture.ts';
import { progressBar } from './progress.ts';
import { encodeSafetensors } from './safetensors.ts';
import { readWeights } from './weights.ts';

export interface RestoreOptions {
  readonly weights: string;
  readonly output?: string;
  readonly driver: Driver | 'auto';
  readonly precision: EngineOptions['precision'];
  readonly attachments?: string;
  readonly json?: boolean;
}

/** The command `restore`: from the arguments to the files written and the lines printed. */
export async function restore(image: string | undefined, options: RestoreOptions): Promise<void> {
  const begin = performance.now();
  const input = image ?? shortest(join(root, 'samples/cat.rain.png'));
  const makesFolder = image === undefined && options.output === undefined;
  const output = options.output ?? defaultOutput(input, makesFolder);
  const comparison = output.replace(/(\.restored)?\.png$/i, '.compare.png');
  const targets = isPng(output) ? [output, comparison] : [output];

  const result = await compute(input, targets, makesFolder, options);
  if (makesFolder) makeFolder(dirname(output));
  writeAll(targets.map((path, index) => [path, index === 0 ? encode(result) : encodeComparison(result)]));

  const total = performance.now() - begin;
  if (options.json) console.log(jsonLine(input, output, result, total));
  else console.log([...describe(result, total), ...targets.map((path) => `wrote ${path}`)].join('\n'));
}

async function compute(
  input: string,
  targets: readonly string[],
  makesFolder: boolean,
  options: RestoreOptions,
): Promise<Output> {
  const [picture, weights] = await Promise.all([readInput('picture', input), readWeights(options.weights)]);
  await checkTargets(targets, input, { makesFolder });

  using progress = progressBar(process.stderr.isTTY && !options.json);
  return await computeInBrowser(options.driver, {
    picture: { name: input, bytes: picture },
    weights: { name: options.weights, bytes: weights },
    order: {
      wanted: isPng(targets[0]) ? 'pixels' : 'tensor',
      precision: options.precision,
      attachments: options.attachments ? (Number(options.attachments) as EngineOptions['attachments']) : undefined,
    },
    onProgress: progress?.show,
  });
}

/** The sample goes into the folder out, any other picture into the current one. */
function defaultOutput(input: string, sample: boolean): string {
  const name = `${basename(input, extname(input))}.restored.png`;
  return sample ? join('out', name) : name;
}

function encode({ kind, bytes, width, height }: Output): Uint8Array {
  if (kind === 'pixels') return encodePng({ width, height, data: bytes });
  return encodeSafetensors({ output: { shape: [1, 3, height, width], bytes } });
}

function encodeComparison({ bytes, width, height, before }: Output): Uint8Array {
  return encodePng(compare(before!, { width, height, data: bytes }));
}

function jsonLine(input: string, output: string, result: Output, total: number): string {
  const { width, height, variant, parameters, renderer, precision, attachments, peakGpuBytes } = result;
  const times = Object.entries({ ...result.milliseconds, total });
  const milliseconds = Object.fromEntries(times.map(([part, time]) => [part, Math.round(time)]));
  const run = { renderer, precision, attachments, milliseconds, peakGpuBytes };
  return JSON.stringify({ input, output, width, height, variant, parameters, ...run });
}

function describe({ variant, parameters, renderer, width, height, milliseconds }: Output, total: number): string[] {
  const seconds = (time: number) => `${(time / 1000).toFixed(2)} s`;
  const parts = Object.entries(milliseconds).map(([part, time]) => `${part} ${seconds(time)}`);
  return [
    `${variant} network with ${parameters.toLocaleString('en')} parameters on ${renderer}`,
    `${width} x ${height} pixels in ${seconds(total)}: ${parts.join(', ')}`,
  ];
}

function isPng(path: string): boolean {
  return /\.png$/i.test(path);
}

/** A path as one would write it from here. */
function shortest(path: string): string {
  const fromHere = relative(process.cwd(), path);
  return fromHere.length < path.length ? fromHere : path;
}
