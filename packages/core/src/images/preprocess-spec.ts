import type { Filter } from './filters.js';

/**
 * How a model wants its pictures: an ordered list of steps, what PyTorch, timm and Hugging Face say in theirs. It is
 * plain JSON and travels in a model's metadata as `saywhy.preprocess`.
 */
export interface Preprocess {
  /** The order of the colour channels; GRAY is one channel of BT.601 luma (PIL's `L`). */
  readonly channels: Channels;
  readonly layout: Layout;
  /** In order. Sizes change on 8-bit pixels, so `resize` comes before `rescale` and `normalize`. */
  readonly steps: readonly PreprocessStep[];
}

export type Channels = 'RGB' | 'BGR' | 'GRAY';
export type Layout = 'NCHW' | 'NHWC';

export type PreprocessStep =
  | { readonly resize: Resize }
  | { readonly crop: Size | Crop }
  | { readonly pad: Pad }
  /** Every value times this: 1/255 for values from 0 to 1. */
  | { readonly rescale: number }
  | { readonly normalize: Normalize };

/** [height, width] in pixels, the order PyTorch uses. */
export type Size = readonly [height: number, width: number];

/**
 * `size`: to that size, whatever the proportions. `shortest`: the shorter side to that length, the longer one in
 * proportion and truncated; with `longest` too, that is the most the longer side may get (torchvision's `max_size`).
 * `longest` alone: the longer side to that length. `within`: as large as fits, in proportion and rounded; with a pad to the
 * same size that is a letterbox. The filter defaults to bilinear.
 */
export type Resize = { readonly filter?: Filter } & (
  | { readonly size: Size }
  | { readonly within: Size }
  | { readonly shortest: number; readonly longest?: number }
  | { readonly longest: number }
);

/**
 * The middle of the picture; what a smaller picture lacks is filled with zeros. When the border is odd, torchvision
 * rounds its half to the even neighbour (`round`, the default) and Hugging Face's processors round it down (`floor`).
 */
export interface Crop {
  readonly size: Size;
  readonly offset?: 'round' | 'floor';
}

/**
 * Grows the picture to `size`; a side that is already as long stays. `value` (default 0) is in the units of its place in
 * the list, an integer from 0 to 255 before `rescale` and `normalize`; one number, or one for each channel.
 * `align` is where the picture lies: `center` (default; an odd border is wider on the right and below) or `top-left`.
 */
export interface Pad {
  readonly size: Size;
  readonly value?: number | readonly number[];
  readonly align?: 'center' | 'top-left';
}

/** (value - mean) / std, one number for each channel in the order of `channels`, or one for all. */
export interface Normalize {
  readonly mean: number | readonly number[];
  readonly std: number | readonly number[];
}

/** What torchvision's and most of timm's ImageNet classifiers were trained on. */
const imagenet: Preprocess = {
  channels: 'RGB',
  layout: 'NCHW',
  steps: [
    { resize: { shortest: 256, filter: 'bilinear' } },
    { crop: [224, 224] },
    { rescale: 1 / 255 },
    { normalize: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] } },
  ],
};

/** Preprocessing that has a name. */
export const preprocessPresets: Readonly<Record<'imagenet', Preprocess>> = { imagenet };
