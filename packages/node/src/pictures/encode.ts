import type { Picture } from '@saywhy/core';

/** A PNG file of the picture. */
export async function encodePng(picture: Picture): Promise<Uint8Array> {
  return (await image(picture)).getBuffer('image/png');
}

/**
 * A picture as a `data:` URL, no side longer than `longest`: a JPEG, or a PNG where the picture is small anyway.
 * Transparency is ignored, as the models do.
 */
export async function photoUrl(picture: Picture, longest = 768): Promise<string> {
  const opaque = Buffer.from(picture.data);
  for (let i = 3; i < opaque.length; i += 4) opaque[i] = 255;
  const photo = await image({ ...picture, data: opaque });
  const scale = longest / Math.max(picture.width, picture.height);
  if (scale < 1) {
    photo.resize({
      w: Math.max(1, Math.round(picture.width * scale)),
      h: Math.max(1, Math.round(picture.height * scale)),
    });
  }
  const small = photo.bitmap.width * photo.bitmap.height <= 160 * 160;
  return small ? photo.getBase64('image/png') : photo.getBase64('image/jpeg', { quality: 86 });
}

/** A picture with transparency, pixel for pixel, as a `data:` URL. */
export async function pngUrl(picture: Picture): Promise<string> {
  return (await image(picture)).getBase64('image/png');
}

async function image({ data, width, height }: Picture) {
  const { Jimp } = await import('jimp');
  return new Jimp({ data: Buffer.from(data.buffer, data.byteOffset, data.byteLength), width, height });
}
