/** ONNX Runtime Web. It has whole networks only, those that were exported for the size of a picture. */
import type { InferenceSession, Tensor } from 'onnxruntime-common';
import { planes } from '../pixels.ts';
import { pageFolder } from '../places.ts';
import type { NetworkTask } from '../tasks.ts';
import type { Job, Ways } from './contender.ts';

type Options = InferenceSession.SessionOptions;

/** What its builds have in common. */
export interface Runtime {
  readonly InferenceSession: typeof InferenceSession;
  readonly Tensor: typeof Tensor;
}

/** The network where there is an ONNX file of it. */
export function networkWays(runtime: Runtime, { image, onnx }: NetworkTask, options: Options): Ways {
  return onnx === undefined ? {} : { default: () => networkJob(runtime, image, onnx, options) };
}

async function networkJob(
  { InferenceSession, Tensor }: Runtime,
  image: ImageData,
  onnx: string,
  options: Options,
): Promise<Job> {
  const session = await InferenceSession.create(await unzipped(onnx), options);
  const { width, height } = image;
  const pixels = planes(image);
  return {
    async run() {
      const { output } = await session.run({ input: new Tensor('float32', pixels, [1, 3, height, width]) });
      const values = (await output.getData()) as Float32Array;
      return { finish() {}, read: () => values, dispose: () => output.dispose() };
    },
    dispose: () => void session.release(),
  };
}

async function unzipped(address: string): Promise<ArrayBuffer> {
  const response = await fetch(new URL(address, pageFolder()));
  if (!response.ok) throw new Error(`${address} could not be fetched: ${response.status}`);
  return new Response(response.body!.pipeThrough(new DecompressionStream('gzip'))).arrayBuffer();
}
