// How fine maps are drawn: a value for each pixel is seen only over a photograph that steps back.
import type { ExplanationMap, Picture, Rectangle } from '@saywhy/core';
import { type OverlayOptions, overlay } from '@saywhy/core/render';

/** Whether a map has a value for each pixel of the input, rather than for each cell of a layer. */
export function isFine({ raw, shape }: ExplanationMap): boolean {
  return raw.shape.length !== 2 || (raw.shape[0] === shape[0] && raw.shape[1] === shape[1]);
}

/** The share of a fine map's pixels that keep their order; a few glaring ones would leave all others dark. */
const SHOWN_SHARE = 0.99;

/** The raw values at the ends of the colours: the map's own, of fine maps without the strongest hundredth. */
export function drawnRange(map: ExplanationMap): readonly [number, number] {
  const [low, high] = map.range;
  if (!isFine(map) || low === high) return map.range;
  const magnitudes = map.data.map(Math.abs).sort();
  const share = magnitudes[Math.floor(SHOWN_SHARE * (magnitudes.length - 1))]!;
  if (!(share > 0 && share < 1)) return map.range;
  return map.signed ? [low * share, high * share] : [low, low + (high - low) * share];
}

/** How much of its brightness the photograph under a fine map keeps; the report's style sheet says the same. */
const KEPT = 0.45;

/** A map over the photograph, drawn as suits its kind; what `options` say counts more. */
export function drawOverlay(
  picture: Picture,
  map: ExplanationMap,
  region: Rectangle,
  options: OverlayOptions,
): Picture {
  const { base, range = drawnRange(map), ...others } = options;
  const steppingBack = isFine(map) && base === undefined;
  return overlay(steppingBack ? darkGray(picture) : picture, map, region, { ...others, range, ...(base && { base }) });
}

function darkGray({ data, width, height }: Picture): Picture {
  const dark = new Uint8ClampedArray(data.length);
  for (let i = 0; i < data.length; i += 4) {
    const luma = 0.299 * data[i]! + 0.587 * data[i + 1]! + 0.114 * data[i + 2]!;
    dark.fill(luma * KEPT, i, i + 3);
    dark[i + 3] = 255;
  }
  return { data: dark, width, height };
}
