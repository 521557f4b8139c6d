import { SaywhyError } from '../errors.js';

export type PictureFormat = 'PNG' | 'JPEG' | 'GIF' | 'BMP' | 'TIFF' | 'WebP' | 'AVIF';

type Test = (start: string) => boolean;

/** One of these texts (a character a byte) at the start of the file. */
const begins =
  (...magics: readonly string[]): Test =>
  (start) =>
    magics.some((magic) => start.startsWith(magic));

const matches =
  (pattern: RegExp): Test =>
  (start) =>
    pattern.test(start);

/** The lengths of BMP's headers: its versions. Two letters alone would make bitmaps of some texts. */
const bmpHeaders = [12, 40, 52, 56, 64, 108, 124];

const char = String.fromCharCode;

const formats: Readonly<Record<PictureFormat, Test>> = {
  PNG: begins('\x89PNG\r\n\x1a\n'),
  JPEG: begins('\xff\xd8\xff'),
  GIF: begins('GIF87a', 'GIF89a'),
  BMP: (start) => start.startsWith('BM') && bmpHeaders.some((length) => start.startsWith(`${char(length)}\0\0\0`, 14)),
  TIFF: begins('II*\0', 'MM\0*'),
  WebP: matches(/^RIFF....WEBP/s),
  AVIF: (start) => /^....ftyp(....)*?avi[fs]/s.test(start.slice(0, 64)),
};

/** What people do try, by its first bytes: a name helps more than "not a picture". */
const foreign: readonly (readonly [test: Test, name: string, advice: string])[] = [
  [matches(/^....ftyp(heic|heix|hevc|heim|mif1|msf1)/s), 'a HEIC picture', 'Convert it to JPEG or PNG.'],
  [begins('%PDF-'), 'a PDF document', 'Save the page as PNG.'],
  [begins('8BPS'), 'a Photoshop document', 'Export it as PNG.'],
  [begins('\0\0\x01\0'), 'an icon file', 'Convert it to PNG.'],
  [begins('\xff\x0a', '\0\0\0\x0cJXL '), 'a JPEG XL picture', 'Convert it to JPEG or PNG.'],
  [begins('\0\0\0\x0cjP  '), 'a JPEG 2000 picture', 'Convert it to JPEG or PNG.'],
  [begins('PK\x03\x04'), 'a zip archive', 'Unpack it first.'],
  [matches(/^\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)?<svg/is), 'an SVG drawing', 'Render it to PNG.'],
  [matches(/^\s*(<!doctype html|<html)/i), 'an HTML page', 'Give the address of the picture itself.'],
];

/**
 * The format of a picture, by its content: file names lie.
 * @param name what to call the picture in an error
 * @throws SaywhyError `not-a-picture` for anything else.
 */
export function pictureFormat(bytes: Uint8Array, name: string): PictureFormat {
  if (bytes.length === 0) throw new SaywhyError('not-a-picture', `${name} is empty: 0 bytes.`);
  const start = char(...bytes.subarray(0, 512));
  for (const [format, test] of Object.entries(formats)) if (test(start)) return format as PictureFormat;
  const known = foreign.find(([test]) => test(start));
  const what = known
    ? `is ${known[1]}, which saywhy does not read. ${known[2]}`
    : 'is not a picture that saywhy can read.';
  throw new SaywhyError('not-a-picture', `${name} ${what} It reads PNG, JPEG, GIF, BMP, TIFF, WebP and AVIF.`);
}
