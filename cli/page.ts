/** What runs in the browser: fetches the picture and the weights from the command line, and posts the result back. */
import { createEngine, type Engine, type EngineOptions, InputError, load, type Progress } from '../src/index.ts';
import { undecodable } from '../src/restore/image.ts';

export type Wanted = 'pixels' | 'tensor';
export type Stage = Progress['stage'];

/** What to make of the picture, and how. */
export interface Order extends Pick<EngineOptions, 'precision' | 'attachments'> {
  readonly wanted: Wanted;
}

export interface Report {
  readonly renderer: string;
  readonly precision: Engine['format']['precision'];
  readonly attachments: number;
  readonly variant: string;
  readonly parameters: number;
  /** Of the restored picture. */
  readonly width: number;
  readonly height: number;
  readonly inputSize: { readonly width: number; readonly height: number };
  readonly milliseconds: { readonly load: number; readonly compile: number; readonly run: number };
  readonly peakGpuBytes: number;
}

export interface Failure {
  /** What was being used when it went wrong. */
  readonly problem: 'device' | 'weights' | 'picture';
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
}

declare global {
  /** Posts 'output', and with 'pixels' also 'before'; what goes wrong is answered, not thrown. */
  var restorePicture: (order: Order) => Promise<Report | Failure>;
  /** Set by the command line when somebody watches. */
  var reportProgress: ((stage: Stage, fraction: number) => void) | undefined;
}

globalThis.restorePicture = async ({ wanted, precision, attachments }) => {
  let problem: Failure['problem'] = 'device';
  try {
    const engine = await createEngine(undefined, { precision, attachments });
    const onProgress = ({ stage, fraction }: Progress) => globalThis.reportProgress?.(stage, fraction);

    // The picture first: if it is none, whoever waits is told before the network is compiled.
    problem = 'picture';
    const image = await decode(await (await fetch('/picture')).blob());
    problem = 'weights';
    const model = await load(await (await fetch('/weights')).blob(), { engine, onProgress });

    problem = 'picture';
    const inputSize = { width: image.width, height: image.height };
    const begin = performance.now();
    let output: { width: number; height: number; data: BufferSource };
    if (wanted === 'pixels') {
      output = (await model.restore(image, { onProgress })) as ImageData & { data: BufferSource };
    } else {
      const { data, shape } = await model.restoreTensor(image, { onProgress });
      output = { width: shape[3], height: shape[2], data: data as BufferSource };
    }
    const run = performance.now() - begin;
    // Of one run nothing is freed before the engine goes.
    const { live, pooled, fixed } = engine.memory;
    const peakGpuBytes = live + pooled + fixed;

    await post('output', output.data);
    if (wanted === 'pixels') {
      // By way of a texture: a 2D canvas would multiply the alpha into the colours.
      using picture = engine.picture(image.width, image.height, image);
      await post('before', await engine.readPicture(picture));
    }
    const { width, height } = output;
    const { variant, parameters, timings } = model;
    const milliseconds = { load: timings.load, compile: timings.compile, run };
    const device = {
      renderer: engine.renderer,
      precision: engine.format.precision,
      attachments: engine.format.attachments,
    };
    return { ...device, variant, parameters, width, height, inputSize, milliseconds, peakGpuBytes };
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    return { problem, name: error.name, message: error.message, stack: error.stack };
  }
};

/** As `restore` would, once for both pictures. */
async function decode(file: Blob): Promise<ImageBitmap> {
  try {
    return await createImageBitmap(file, { premultiplyAlpha: 'none' });
  } catch {
    throw new InputError(`its ${file.size} bytes are ${await undecodable(file)}.`);
  }
}

async function post(name: string, body: BufferSource): Promise<void> {
  const { ok, status } = await fetch(`/upload/${name}`, { method: 'POST', body });
  if (!ok) throw new Error(`The upload of '${name}' failed with status ${status}.`);
}
