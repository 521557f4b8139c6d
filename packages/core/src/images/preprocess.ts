import { SaywhyError } from '../errors.js';
import { checkPicture, type Picture } from './picture.js';
import { type Operation, planPreprocess } from './preprocess-plan.js';
import type { Preprocess } from './preprocess-spec.js';
import { cut, grayOf, type Raster, type Rectangle, rgbOf } from './raster.js';
import { resize } from './resize.js';

export interface Preprocessed {
  /** A batch of one: [1, C, H, W] or [1, H, W, C]. */
  readonly tensor: { readonly data: Float32Array; readonly shape: readonly number[] };
  /** What of the picture the model sees, in the picture's pixels: fractional, and larger than it where it was padded. */
  readonly region: Rectangle;
}

/** The most pixels a step may make: 64 megapixels. */
const mostPixels = 2 ** 26;

/**
 * Turns a picture into a model's input. Pixels are resized as 8-bit values, equal to PIL's; values follow in float32,
 * equal to torchvision's ToTensor and Normalize.
 *
 * @param picture upright already (see `applyOrientation`); its alpha is ignored.
 * @param spec checked already (see `parsePreprocess`).
 * @throws SaywhyError `invalid-picture`; `picture-too-large` when a step would make more than 64 megapixels.
 */
export function preprocess(picture: Picture, spec: Preprocess): Preprocessed {
  checkPicture(picture);
  const { operations, channels, size, region } = planPreprocess(picture, spec);

  const firstValues = operations.findIndex((operation) => operation.kind === 'values');
  const places = firstValues < 0 ? operations : operations.slice(0, firstValues);
  const reversed = spec.channels === 'BGR';
  const bytes = runOnBytes(channels === 1 ? grayOf(picture) : rgbOf(picture), places, reversed);

  const later = operations.slice(places.length);
  const next = later.findIndex((operation) => operation.kind !== 'values');
  const immediate = next < 0 ? later : later.slice(0, next);
  const rest = later.slice(immediate.length);

  const planar = spec.layout === 'NCHW';
  const { width, height } = size;
  const shape = planar ? [1, channels, height, width] : [1, height, width, channels];
  if (rest.length === 0) return { tensor: { data: toFloats(bytes, immediate, reversed, planar), shape }, region };
  const { data } = runOnFloats({ ...bytes, data: toFloats(bytes, immediate, reversed, false), stride: channels }, rest);
  return { tensor: { data: planar ? toPlanes(data, channels) : data, shape }, region };
}

/** Sizes and places, on 8-bit pixels. A window that follows a resize limits what the resize computes. */
function runOnBytes(start: Raster, operations: readonly Operation[], reversed: boolean): Raster {
  let raster = start;
  for (let i = 0; i < operations.length; i++) {
    const operation = operations[i]!;
    if (operation.kind === 'window') raster = cutBytes(raster, operation.window, operation.fill, reversed);
    if (operation.kind !== 'resize') continue;
    const { size, filter } = operation;
    const next = operations[i + 1];
    if (next?.kind !== 'window') {
      raster = resize(raster, within(size), filter);
      continue;
    }
    i++;
    const seen = intersection(next.window, size);
    within(seen);
    const part = resize(raster, size, filter, seen);
    const { x, y, width, height } = next.window;
    raster = cutBytes(part, { x: x - seen.x, y: y - seen.y, width, height }, next.fill, reversed);
  }
  return raster;
}

function cutBytes(raster: Raster, window: Rectangle, fill: readonly number[], reversed: boolean): Raster {
  within(window);
  const unchanged =
    window.x === 0 && window.y === 0 && window.width === raster.width && window.height === raster.height;
  return unchanged ? raster : cut(raster, window, reversed ? [...fill].reverse() : fill);
}

/** A byte has 256 values: the arithmetic is done once for each. The result has the model's order of channels. */
function toFloats(bytes: Raster, operations: readonly Operation[], reversed: boolean, planar: boolean): Float32Array {
  const { data, width, height, channels, stride } = bytes;
  const pixels = width * height;
  const out = new Float32Array(pixels * channels);
  const table = new Float32Array(256);
  for (let c = 0; c < channels; c++) {
    for (let v = 0; v < 256; v++) table[v] = tableEntry(v, c, operations);
    const step = planar ? 1 : channels;
    let from = reversed ? channels - 1 - c : c;
    let to = planar ? c * pixels : c;
    for (let i = 0; i < pixels; i++, from += stride, to += step) out[to] = table[data[from]!]!;
  }
  return out;
}

/** What comes after the first arithmetic and a window: rare (padding with zeros after normalizing), so not fused. */
function runOnFloats(start: Raster<Float32Array>, operations: readonly Operation[]): Raster<Float32Array> {
  let raster = start;
  for (const operation of operations) {
    if (operation.kind === 'window') raster = cut(raster, within(operation.window), operation.fill);
    if (operation.kind === 'values') {
      const { data, channels } = raster;
      for (let i = 0; i < data.length; i++) data[i] = operation.change(data[i]!, i % channels);
    }
  }
  return raster;
}

function tableEntry(byte: number, channel: number, operations: readonly Operation[]): number {
  let value = byte;
  for (const operation of operations) if (operation.kind === 'values') value = operation.change(value, channel);
  return value;
}

function toPlanes(data: Float32Array, channels: number): Float32Array {
  const pixels = data.length / channels;
  const out = new Float32Array(data.length);
  for (let c = 0, to = 0; c < channels; c++) {
    for (let from = c; to < (c + 1) * pixels; to++, from += channels) out[to] = data[from]!;
  }
  return out;
}

function intersection(window: Rectangle, size: { readonly width: number; readonly height: number }): Rectangle {
  const x = Math.max(0, window.x);
  const y = Math.max(0, window.y);
  const width = Math.min(size.width, window.x + window.width) - x;
  return { x, y, width, height: Math.min(size.height, window.y + window.height) - y };
}

function within<T extends { readonly width: number; readonly height: number }>(size: T): T {
  if (size.width * size.height <= mostPixels) return size;
  throw new SaywhyError(
    'picture-too-large',
    `A step of the preprocessing would make ${size.width} x ${size.height} pixels; at most ${mostPixels} are allowed. ` +
      'Crop the picture to less extreme proportions, or add a crop after the resize.',
  );
}
