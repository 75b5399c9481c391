/** Images in and out: the only place that knows how a browser decodes them. */
import fromPicture from '../glsl/picture_to_tensor.frag';
import toPicture from '../glsl/tensor_to_picture.frag';
import type { Engine } from '../tensor/engine.ts';
import { InputError } from '../tensor/errors.ts';
import { ceilDiv } from '../tensor/layout.ts';
import type { Picture } from '../tensor/picture.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** What a browser can decode or already has: a file, an ImageBitmap, ImageData, an image, canvas or video element. */
export type ImageSource = Blob | Exclude<TexImageSource, VideoFrame>;

/**
 * Decodes an image without touching its colours: no premultiplied alpha, no colour profile.
 * @throws InputError when it is none.
 */
export async function decode(source: ImageSource): Promise<ImageBitmap> {
  try {
    return await createImageBitmap(source, { premultiplyAlpha: 'none', colorSpaceConversion: 'none' });
  } catch (error) {
    throw new InputError(`${describe(source)} is no image that this browser can decode.`, { cause: error });
  }
}

function describe(source: ImageSource): string {
  if (!(source instanceof Blob)) return `The ${Object.prototype.toString.call(source).slice(8, -1)}`;
  const name = 'name' in source ? `${String(source.name)}, a` : 'A';
  return `${name} file of ${source.size} bytes${source.type && ` and type ${source.type}`},`;
}

/** A picture's colours as [1, 3, h, w], reflected to multiples of `multiple`. */
export function pictureToTensor(engine: Engine, picture: Picture, multiple: number): Tensor {
  const [height, width] = paddedSize(picture.width, picture.height, multiple);
  const tensor = engine.allocate([1, 3, height, width]);
  engine.draw({ shader: fromPicture }, tensor, { picture }, 8);
  return tensor;
}

/** [height, width] rounded up. */
export function paddedSize(width: number, height: number, multiple: number): [number, number] {
  return [ceilDiv(height, multiple) * multiple, ceilDiv(width, multiple) * multiple];
}

/** The output's colours with the input's alpha, cropped to `scale` times the input's size. */
export async function tensorToImage(engine: Engine, tensor: Tensor, input: Picture, scale: number): Promise<ImageData> {
  using output = engine.picture(input.width * scale, input.height * scale);
  engine.drawPicture({ shader: toPicture }, output, { x: tensor, picture: input, scale });
  return new ImageData(await engine.readPicture(output), output.width, output.height);
}
