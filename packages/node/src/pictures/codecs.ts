import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Picture } from '@saywhy/core';
import type { PictureFormat, PictureHeader } from '@saywhy/core/pictures';

/** jimp's own formats, by the name they have there. */
const jimpMime = {
  PNG: 'image/png',
  JPEG: 'image/jpeg',
  GIF: 'image/gif',
  BMP: 'image/bmp',
  TIFF: 'image/tiff',
} as const;

interface JimpCodec {
  readonly mime: string;
  decode(file: Buffer, options: object): Picture | Promise<Picture>;
}

/** Node has it, @types/node 20 does not. */
declare const WebAssembly: { compile(code: Uint8Array): Promise<object> };

/**
 * Pixels as the file stores them: not turned upright yet. jimp's decoders are called one by one rather than through
 * `Jimp.read`, which turns JPEGs by itself but no other format, and not when some other EXIF tag is damaged.
 */
export async function decode(format: PictureFormat, bytes: Uint8Array, header: PictureHeader): Promise<Picture> {
  if (format === 'WebP') return decodeWasm(await webp(), bytes);
  if (format === 'AVIF') return decodeWasm(await avif(), bytes);
  const { Jimp } = await import('jimp');
  const formats: readonly unknown[] = new Jimp({ width: 1, height: 1 }).formats;
  const codec = (formats as readonly JimpCodec[]).find(({ mime }) => mime === jimpMime[format])!;
  const options =
    format === 'JPEG'
      ? // A cut-off JPEG is an error, not a picture with a grey half. saywhy has a limit of its own.
        {
          tolerantDecoding: false,
          maxResolutionInMP: 1e6,
          maxMemoryUsageInMB: 1e6,
          ...(header.storedAsRgb && { colorTransform: false }),
        }
      : // Of 16 bits Pillow and browsers take the higher byte; jimp would round.
        { skipRescale: isDeep(format, bytes) };
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const bitmap = await (format === 'GIF'
    ? heedingConsole(() => codec.decode(file, options))
    : codec.decode(file, options));
  const data = isDeep(format, bytes) ? Uint8Array.from(bitmap.data, (value) => value >> 8) : bitmap.data;
  return { data, width: bitmap.width, height: bitmap.height };
}

/** A PNG of 16 bits a channel: what is left as it is comes as numbers of 16 bits. */
function isDeep(format: PictureFormat, bytes: Uint8Array): boolean {
  return format === 'PNG' && bytes[24] === 16;
}

/** The GIF decoder says by console.log that pixels are missing and goes on. Here it is an error, and stdout stays clean. */
function heedingConsole<T>(work: () => T): T {
  const { log } = console;
  let heard: string | undefined;
  console.log = (message: string) => {
    heard ??= message;
  };
  try {
    const result = work();
    if (heard) throw new Error(heard);
    return result;
  } finally {
    console.log = log;
  }
}

type WasmDecoder = (file: ArrayBuffer) => Promise<Picture | null>;

async function decodeWasm(decoder: WasmDecoder, bytes: Uint8Array): Promise<Picture> {
  const picture = await decoder(new Uint8Array(bytes).buffer); // a copy: a Buffer's own buffer holds more than it
  if (!picture) throw new Error('The decoder gave no picture.');
  return { data: picture.data, width: picture.width, height: picture.height };
}

const webp = once(async () => {
  const codec = await import('@jsquash/webp/decode.js');
  await initialise(codec, '@jsquash/webp/codec/dec/webp_dec.wasm');
  return codec.default as WasmDecoder;
});

const avif = once(async () => {
  const codec = await import('@jsquash/avif/decode.js');
  await initialise(codec, '@jsquash/avif/codec/dec/avif_dec.wasm');
  return codec.default as WasmDecoder;
});

/** The codecs fetch their wasm by a URL, which Node cannot do with a file's: it is compiled here and handed over. */
async function initialise(codec: object, file: string): Promise<void> {
  const wasm = await readFile(createRequire(import.meta.url).resolve(file));
  await (codec as { init(module: object): Promise<void> }).init(await WebAssembly.compile(wasm));
  provideImageData();
}

/** The decoders make an ImageData, which Node has not. */
function provideImageData(): void {
  const scope = globalThis as { ImageData?: unknown };
  scope.ImageData ??= class ImageData {
    constructor(
      readonly data: Uint8ClampedArray,
      readonly width: number,
      readonly height: number,
    ) {}
  };
}

function once<T>(load: () => Promise<T>): () => Promise<T> {
  let loaded: Promise<T> | undefined;
  return () => {
    loaded ??= load();
    return loaded;
  };
}
