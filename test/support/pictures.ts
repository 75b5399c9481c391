/** Pictures for tests of restoration. */

/** Colours that repeat late, and an alpha of many values: 8-bit RGBA, width x height. */
export function gradient(width: number, height: number, seed = 0): ImageData {
  const image = new ImageData(width, height);
  for (let i = 0; i < width * height; i++) {
    const [x, y] = [(i % width) + seed, Math.floor(i / width) + seed];
    image.data.set([(x * 37 + 11) & 255, (y * 53 + 7) & 255, (x * y * 5 + 90) & 255, (x * 29 + y * 31) & 255], 4 * i);
  }
  return image;
}

/** The file at a URL. */
export async function blobOf(url: string): Promise<Blob> {
  return (await fetch(url)).blob();
}

/** The pixels of an opaque image file. */
export async function pixelsOf(url: string): Promise<ImageData> {
  const bitmap = await createImageBitmap(await blobOf(url));
  const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d')!;
  context.drawImage(bitmap, 0, 0);
  return context.getImageData(0, 0, bitmap.width, bitmap.height);
}

/** The start of a PNG of that size. */
export function pngStart(width: number, height: number): Blob {
  const header = new DataView(new ArrayBuffer(33));
  for (const [i, word] of [0x89504e47, 0x0d0a1a0a, 13, 0x49484452, width, height, 0x08060000].entries())
    header.setUint32(4 * i, word);
  return new Blob([header]);
}
