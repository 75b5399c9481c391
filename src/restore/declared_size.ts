/** The size that a picture's file declares: to refuse what is too large before it is decoded, and to say what could not be. */

/** How much of a file is searched: JPEG may have profiles and thumbnails ahead of its size. */
const SEARCHED = 1 << 20;

/** [width, height] by the header of a PNG or JPEG, before a photograph is turned; null where there is none. */
export async function declaredSize(file: Blob): Promise<[width: number, height: number] | null> {
  const header = new DataView(await file.slice(0, SEARCHED).arrayBuffer());
  return pngSize(header) ?? jpegSize(header);
}

/** Of a PNG only, which is what it will be when it is decoded. */
export async function declaredByPng(file: Blob): Promise<[width: number, height: number] | null> {
  return pngSize(new DataView(await file.slice(0, PNG_HEADER).arrayBuffer()));
}

const PNG_HEADER = 24;

/** Signature, then the chunk IHDR with both sides first. */
function pngSize(header: DataView): [number, number] | null {
  if (header.byteLength < PNG_HEADER || header.getUint32(0) !== 0x89504e47 || header.getUint32(12) !== 0x49484452)
    return null;
  const [width, height] = [header.getUint32(16), header.getUint32(20)];
  return width > 0 && height > 0 ? [width, height] : null;
}

/** A chain of segments, each with its length; the frame's, C0 to CF but for tables and an extension, has height and width. */
function jpegSize(header: DataView): [number, number] | null {
  if (header.byteLength < 4 || header.getUint16(0) !== 0xffd8) return null;
  for (let at = 2; at + 9 <= header.byteLength; at += 2 + header.getUint16(at + 2)) {
    const marker = header.getUint16(at);
    if (marker >> 8 !== 0xff) return null;
    if (marker >= 0xffc0 && marker <= 0xffcf && ![0xffc4, 0xffc8, 0xffcc].includes(marker))
      return [header.getUint16(at + 7), header.getUint16(at + 5)];
  }
  return null;
}
