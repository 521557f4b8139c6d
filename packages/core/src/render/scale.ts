import { SaywhyError } from '../errors.js';
import { nearest } from '../nearest.js';
import { type ColormapName, colormapNames } from './colormap.js';

/** How values become places on a colour map. */
export interface ScaleOptions {
  /** The values at the two ends; taken from the finite values where left out. One range for several maps compares them. */
  readonly range?: readonly [min: number, max: number];
  /** Whether the sign means something: then zero is the middle, and both ends are as far from it. */
  readonly signed?: boolean;
  /** Defaults to `diverging` for signed values, `inferno` for others. */
  readonly colormap?: ColormapName;
}

export interface Scale {
  readonly colormap: ColormapName;
  /** The values at the two ends of the colour map. */
  readonly range: readonly [min: number, max: number];
  readonly signed: boolean;
  /** Whether the values differ at all; a constant map has no colours to show. */
  readonly flat: boolean;
}

/**
 * Settles the ends and the colours of a scale. A signed scale is symmetric: [-m, m] with m the larger magnitude.
 * @throws SaywhyError `unknown-colormap`, `invalid-map` when the range is no range.
 */
export function scaleOf(values: ArrayLike<number>, { range, signed = false, colormap }: ScaleOptions): Scale {
  const name = colormap ?? (signed ? 'diverging' : 'inferno');
  if (!colormapNames.includes(name)) {
    const [near] = nearest(String(name), colormapNames);
    throw new SaywhyError(
      'unknown-colormap',
      `Unknown colormap "${name}".${near ? ` Did you mean ${near}?` : ''} Use one of: ${colormapNames.join(', ')}.`,
    );
  }
  const [min, max] = range ?? finiteRange(values);
  if (!(min <= max) || !Number.isFinite(max - min)) {
    throw new SaywhyError('invalid-map', `A map's range is [min, max] in finite numbers, not [${min}, ${max}].`);
  }
  const magnitude = Math.max(Math.abs(min), Math.abs(max));
  // A difference within float32's rounding of the values is no difference.
  const flat = signed ? magnitude === 0 : max - min <= magnitude * 2 ** -22;
  return { colormap: name, range: signed ? [-magnitude, magnitude] : [min, max], signed, flat };
}

function finiteRange(values: ArrayLike<number>): [number, number] {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isFinite(value)) continue;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return min <= max ? [min, max] : [0, 0];
}
