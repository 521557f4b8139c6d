import type { Filter } from './filters.js';
import type { Crop, Pad, Preprocess, Resize, Size } from './preprocess-spec.js';
import type { Rectangle } from './raster.js';

interface Extent {
  readonly width: number;
  readonly height: number;
}

/** A step made concrete for a picture of one size. */
export type Operation =
  | { readonly kind: 'resize'; readonly size: Extent; readonly filter: Filter }
  /** Look at this rectangle; `fill` (one value a channel) where it reaches past the pixels. */
  | { readonly kind: 'window'; readonly window: Rectangle; readonly fill: readonly number[] }
  /** Changes values, not places; in float32 arithmetic, as PyTorch's. */
  | { readonly kind: 'values'; readonly change: (value: number, channel: number) => number };

export interface Plan {
  readonly operations: readonly Operation[];
  readonly channels: 1 | 3;
  /** What the model receives, in pixels. */
  readonly size: Extent;
  /** The same rectangle in pixels of the original picture: fractional, and larger than it where it was padded. */
  readonly region: Rectangle;
}

/** Works out sizes and offsets, as torchvision computes them, without touching a pixel. */
export function planPreprocess(picture: Extent, spec: Preprocess): Plan {
  const channels = spec.channels === 'GRAY' ? 1 : 3;
  let size = picture;
  let region: Rectangle = { x: 0, y: 0, width: picture.width, height: picture.height };
  const operations = spec.steps.map((step): Operation => {
    if ('resize' in step) {
      size = resizedSize(size, step.resize);
      return { kind: 'resize', size, filter: step.resize.filter ?? 'bilinear' };
    }
    if ('rescale' in step) return { kind: 'values', change: (value) => Math.fround(value * step.rescale) };
    if ('normalize' in step) {
      const mean = each(step.normalize.mean, channels).map(Math.fround);
      const std = each(step.normalize.std, channels).map(Math.fround);
      return { kind: 'values', change: (value, c) => Math.fround(Math.fround(value - mean[c]!) / std[c]!) };
    }
    const window = 'crop' in step ? cropWindow(size, step.crop) : padWindow(size, step.pad);
    const [scaleX, scaleY] = [region.width / size.width, region.height / size.height];
    region = {
      x: region.x + window.x * scaleX,
      y: region.y + window.y * scaleY,
      width: window.width * scaleX,
      height: window.height * scaleY,
    };
    size = { width: window.width, height: window.height };
    return { kind: 'window', window, fill: each('pad' in step ? (step.pad.value ?? 0) : 0, channels) };
  });
  return { operations, channels, size, region };
}

function resizedSize({ width, height }: Extent, resize: Resize): Extent {
  if ('size' in resize) return { width: resize.size[1], height: resize.size[0] };
  if ('within' in resize) {
    const scale = Math.min(resize.within[0] / height, resize.within[1] / width);
    return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
  }
  const [short, long] = width <= height ? [width, height] : [height, width];
  let newShort: number;
  let newLong: number;
  if ('shortest' in resize) {
    newShort = resize.shortest;
    newLong = Math.trunc((resize.shortest * long) / short);
    if (resize.longest !== undefined && newLong > resize.longest) {
      newShort = Math.trunc((resize.longest * newShort) / newLong);
      newLong = resize.longest;
    }
  } else {
    newLong = resize.longest;
    newShort = Math.trunc((resize.longest * short) / long);
  }
  newShort = Math.max(1, newShort);
  return width <= height ? { width: newShort, height: newLong } : { width: newLong, height: newShort };
}

function cropWindow(from: Extent, crop: Size | Crop): Rectangle {
  const { size, offset }: Crop = 'size' in crop ? crop : { size: crop };
  const [height, width] = size;
  const start = offset === 'floor' ? floorHalf : torchvisionHalf;
  return { x: start(from.width - width), y: start(from.height - height), width, height };
}

function padWindow(from: Extent, { size, align }: Pad): Rectangle {
  const width = Math.max(size[1], from.width);
  const height = Math.max(size[0], from.height);
  if (align === 'top-left') return { x: 0, y: 0, width, height };
  return { x: -floorHalf(width - from.width), y: -floorHalf(height - from.height), width, height };
}

const floorHalf = (spare: number): number => Math.floor(spare / 2);

/** `int(round(spare / 2.0))` where Python's round takes halves to the even neighbour; a lack is padded, its half down. */
function torchvisionHalf(spare: number): number {
  if (spare < 0) return -floorHalf(-spare);
  const half = spare / 2;
  const down = Math.floor(half);
  return half === down ? half : down + (down % 2);
}

function each(value: number | readonly number[], channels: number): readonly number[] {
  return typeof value === 'number' ? new Array<number>(channels).fill(value) : value;
}
