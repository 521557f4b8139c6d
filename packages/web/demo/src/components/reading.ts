import type { ExplanationMap } from '@saywhy/core';
import { number, percent } from '@saywhy/core/words';
import type { Readout } from '../drawing/readout.js';
import { peakOf } from '../state/scale.js';

/** A cell's number, and where it lies. */
export function readingText({ row, column, rows, columns, value }: Readout, map: ExplanationMap): string {
  const peak = peakOf(map);
  const share = peak > 0 ? `, ${percent(Math.min(1, Math.abs(value) / peak))} of the peak` : '';
  return `${number(value)}${share}; row ${row + 1} of ${rows}, column ${column + 1} of ${columns}`;
}
