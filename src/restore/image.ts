/** Images in and out: the only place that knows how a browser decodes them. */
import fromPicture from '../glsl/picture_to_tensor.frag';
import toPicture from '../glsl/tensor_to_picture.frag';
import type { Config } from '../model/config.ts';
import { compute } from '../ops/compute.ts';
import type { Engine } from '../tensor/engine.ts';
import { InputError } from '../tensor/errors.ts';
import { ceilDiv } from '../tensor/layout.ts';
import type { Picture } from '../tensor/picture.ts';
import type { Kernel } from '../tensor/program.ts';
import type { Recorder } from '../tensor/recorder.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { declaredSize } from './declared_size.ts';

/** What a browser can decode or already has: a file, an ImageBitmap, ImageData, an image, canvas or video element. */
export type ImageSource = Blob | Exclude<TexImageSource, VideoFrame>;

/** The two views of a dual-pixel camera. */
export type ImagePair = readonly [left: ImageSource, right: ImageSource];

/**
 * The images that were given, in a list: one for a network that takes three channels, two for one that takes six.
 * @throws InputError when the network takes another number, or none at all.
 */
export function imagesFor({ inChannels, outChannels }: Config, given: ImageSource | ImagePair): readonly ImageSource[] {
  const images: readonly ImageSource[] = Array.isArray(given) ? given : [given as ImageSource];
  if ((inChannels !== 3 && inChannels !== 6) || outChannels !== 3)
    throw new InputError(
      `This network makes ${outChannels} channels of ${inChannels}; a picture has 3, and a pair of pictures 6.`,
    );
  if (images.length * 3 !== inChannels) {
    const wanted = inChannels === 3 ? 'one picture' : 'a pair of pictures, left and right';
    throw new InputError(
      `This network takes ${wanted}; ${images.length} ${images.length === 1 ? 'was' : 'were'} given.`,
    );
  }
  return images;
}

/** An image whose pixels are there. */
export type Decoded = ImageBitmap | ImageData;

/** Decodes images side by side; `close` frees them. @throws InputError when one is none, or their sizes differ. */
export async function decodeAll(sources: readonly ImageSource[]): Promise<Decoded[]> {
  const outcomes = await Promise.allSettled(sources.map((one) => (isBytes(one) ? asIs(one) : decode(one))));
  const images = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  try {
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
    const [first, ...others] = images;
    for (const { width, height } of others) {
      if (width !== first.width || height !== first.height)
        throw new InputError(
          `The pictures of a pair have the same size, not ${first.width} x ${first.height} and ${width} x ${height}.`,
        );
    }
    return images;
  } catch (error) {
    closeAll(images);
    throw error;
  }
}

export function closeAll(images: readonly Decoded[]): void {
  for (const image of images) if (image instanceof ImageBitmap) image.close();
}

function isBytes(source: ImageSource): source is ImageData & { readonly data: Uint8ClampedArray<ArrayBuffer> } {
  return source instanceof ImageData && source.data instanceof Uint8ClampedArray;
}

/** The colour space of what comes out: that of ImageData, whose bytes are taken as they are; all else is in sRGB once it is decoded. */
export function colourSpaceOf(given: ImageSource | ImagePair): PredefinedColorSpace {
  const [first]: readonly ImageSource[] = Array.isArray(given) ? given : [given as ImageSource];
  return (isBytes(first) && first.colorSpace) || 'srgb'; // older browsers know no other
}

/** The same bytes, as sRGB so that nothing converts them. WebKit, asked not to multiply alpha into ImageData, makes other colours of it. */
async function asIs({ data, width, height }: ImageData & { readonly data: Uint8ClampedArray<ArrayBuffer> }) {
  if (data.length === 0)
    throw new InputError(`The ImageData of ${width} x ${height} has no pixels any more: its buffer was transferred.`);
  return new ImageData(data, width);
}

/**
 * Decodes an image, its alpha not multiplied in, its colours as they are or, where it has a colour profile of its own, in sRGB, as what comes out
 * will be. WebKit multiplies the alpha in all the same and takes it out again, so that colours under little alpha come out coarser there.
 * @throws InputError when it is none.
 */
export async function decode(source: ImageSource): Promise<ImageBitmap> {
  try {
    return await createImageBitmap(source, { premultiplyAlpha: 'none' });
  } catch (error) {
    throw new InputError(`${describe(source)} is ${await undecodable(source)}.`, { cause: error });
  }
}

/** What an image is that could not be decoded: 'no image ...' or 'an image of ...'. */
export async function undecodable(source: ImageSource): Promise<string> {
  const size = source instanceof Blob ? await declaredSize(source).catch(() => null) : null;
  if (!size) return 'no image that this browser can decode';
  return `an image of ${size[0]} x ${size[1]} that this browser cannot decode: damaged, or too large for its memory`;
}

function describe(source: ImageSource): string {
  if (!(source instanceof Blob)) return `The ${Object.prototype.toString.call(source).slice(8, -1)}`;
  const facts = `file of ${source.size} bytes${source.type && ` and type ${source.type}`}`;
  return 'name' in source ? `${String(source.name)}, a ${facts},` : `A ${facts}`;
}

/** What brings pictures in and out of a network. */
export function pictureKernels({ inChannels }: Config): Kernel[] {
  return [inChannels === 6 ? FROM_PAIR : FROM_PICTURE, TO_PICTURE];
}

const FROM_PICTURE: Kernel = { shader: fromPicture };
const FROM_PAIR: Kernel = { shader: fromPicture, constants: { PAIR: 1 } };
const TO_PICTURE: Kernel = { shader: toPicture };

/**
 * A picture's colours as [1, 3, h, w], or with those of `right`, which has the same size, after them as [1, 6, h, w]; reflected to
 * multiples of `multiple`.
 */
export function pictureToTensor(engine: Recorder, picture: Picture, multiple: number, right?: Picture): Tensor {
  const [height, width] = paddedSize(picture.width, picture.height, multiple);
  if (!right) return compute(engine, FROM_PICTURE, [1, 3, height, width], { picture }, 8);
  return compute(engine, FROM_PAIR, [1, 6, height, width], { picture, right }, 16);
}

/** [height, width] rounded up. */
export function paddedSize(width: number, height: number, multiple: number): [number, number] {
  return [ceilDiv(height, multiple) * multiple, ceilDiv(width, multiple) * multiple];
}

/** The output's colours with the input's alpha, cropped to `scale` times the input's size. */
export async function tensorToImage(
  engine: Engine,
  tensor: Tensor,
  input: Picture,
  scale: number,
  colorSpace: PredefinedColorSpace,
): Promise<ImageData> {
  using output = engine.picture(input.width * scale, input.height * scale);
  engine.drawPicture(TO_PICTURE, output, { x: tensor, picture: input, scale });
  return new ImageData(await engine.readPicture(output), output.width, output.height, { colorSpace });
}
