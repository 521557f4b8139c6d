// Which raw values the ends of the colours stand for, so that maps can be compared and weak ones look weak.
import type { ExplanationMap } from '@saywhy/core';

export type Range = readonly [low: number, high: number];

/** A map whose peak is below this share of the strongest one known beside it is drawn on that one's scale. */
export const FAINT = 0.1;

export interface Scaled {
  readonly range: Range;
  /** The map is near zero beside another, and drawn on the other's scale: its peak as a share of the other's. */
  readonly faint?: number;
}

type Measured = Pick<ExplanationMap, 'range' | 'signed'>;

export const peakOf = ({ range }: Measured): number => Math.max(Math.abs(range[0]), Math.abs(range[1]));

/** A map whose peak is a smaller share of the score than this says nothing about it: a sum of float32 numbers is no more exact. */
const NOTHING = 1e-6;

/** The least that the peak of a map has to be, to be more than nothing beside its score. */
export const leastOf = ({ target }: Pick<ExplanationMap, 'target'>): number =>
  (NOTHING * Math.abs(target.value)) / FAINT;

/** A map's own scale; where it is near zero beside the strongest peak known of its kind, that peak's. */
export function rangeBeside(map: Measured, strongest: number, stretch: boolean): Scaled {
  const peak = peakOf(map);
  if (stretch || !(peak < FAINT * strongest)) return { range: map.range };
  return { range: map.signed ? [-strongest, strongest] : [0, strongest], faint: peak / strongest };
}

/** One scale for maps that are compared; undefined where they have none in common, since a sign means something in one only. */
export function commonRange(ranges: readonly { readonly range: Range; readonly signed: boolean }[]): Range | undefined {
  const [first, ...others] = ranges;
  if (!first || others.some(({ signed }) => signed !== first.signed)) return undefined;
  return [Math.min(...ranges.map(({ range }) => range[0])), Math.max(...ranges.map(({ range }) => range[1]))];
}

/** A range of raw values in the units of a map's `data`, which run from 0 to 1, signed from -1 to 1. */
export function inUnitsOfData([low, high]: Range, map: Measured): Range {
  const zero = map.signed ? 0 : map.range[0];
  const unit = map.signed ? peakOf(map) : map.range[1] - map.range[0];
  return unit > 0 ? [(low - zero) / unit, (high - zero) / unit] : [map.signed ? -1 : 0, 1];
}

/** The strongest peak seen so far of each kind of map: one picture, model, method and layer, whatever the class. */
export class Peaks {
  readonly #peaks = new Map<string, number>();

  has(kind: string): boolean {
    return this.#peaks.has(kind);
  }

  /** Takes a map into account, and gives the strongest peak of its kind. */
  note(kind: string, map: Measured): number {
    const strongest = Math.max(this.#peaks.get(kind) ?? 0, peakOf(map));
    this.#peaks.set(kind, strongest);
    return strongest;
  }
}
