// Numbers, sizes, places and targets as people read and write them: for reports, pages and command lines.

import type { Rectangle } from './images/raster.js';

export { parseTarget } from './targets/parse.js';

/** Three significant digits, without an exponent as long as it stays short. */
export function number(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  const text =
    size !== 0 && (size < 1e-3 || size >= 1e6) ? value.toExponential(1) : String(Number(value.toPrecision(3)));
  const [digits, exponent] = text.replaceAll('-', '\u2212').split('e');
  return exponent === undefined ? digits! : `${digits}\u00a0×\u00a010${superscript(exponent.replace('+', ''))}`;
}

const superscript = (text: string): string =>
  text.replace(/[\d\u2212]/g, (one) => (one === '\u2212' ? '⁻' : '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(one)]!));

export function percent(share: number): string {
  const value = share * 100;
  if (value > 0 && value < 0.1) return '<\u00a00.1\u00a0%';
  return `${value >= 10 ? Math.round(value) : value.toFixed(1)}\u00a0%`;
}

export function milliseconds(value: number): string {
  if (value >= 10_000) return `${Math.round(value / 1000)}\u00a0s`;
  if (value >= 1000) return `${(value / 1000).toFixed(1)}\u00a0s`;
  return `${value >= 100 ? Math.round(value) : Number(value.toPrecision(2))}\u00a0ms`;
}

/** Decimal megabytes, as browsers and operating systems show downloads. */
export function megabytes(bytes: number): string {
  const value = bytes / 1e6;
  return value >= 100 ? String(Math.round(value)) : value.toFixed(1);
}

export const plural = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;

/** Of a class that its label gives several names for, the first. */
export const firstName = (label: string): string => label.split(',')[0]!.trim();

/** A target as a sentence names it: `not:macaw` is "against macaw", `a vs b` "a rather than b". Of several names that a label lists, the first. */
export function targetInWords({ text, label }: { readonly text: string; readonly label?: string }): string {
  if (text === label) return firstName(label);
  const sides = text.split(' vs ');
  const [, place, what] = sides.length > 1 ? [] : (/^((?:box|mask):[^:]*|mask):(.+)$/.exec(text) ?? []);
  if (what !== undefined)
    return `${firstName(what)} in ${place === 'mask' ? 'a mask' : `the ${place!.replace(':', ' ')}`}`;
  const [, prefix, of] = /^(not|probability):(.+)$/.exec(text) ?? [];
  if (of !== undefined) return `${prefix === 'not' ? 'against' : 'the probability of'} ${targetInWords({ text: of })}`;
  return sides
    .map((side) => (/^(box|mask):/.test(side) ? targetInWords({ text: side }) : firstName(side)))
    .join(' rather than ');
}

/** Where a box lies and how large it is, in whole pixels. */
export const boxInWords = ({ x, y, width, height }: Rectangle): string =>
  `${Math.round(width)} × ${Math.round(height)} at ${Math.round(x)}, ${Math.round(y)}`;

/** A stable code as a phrase. */
export const inWords = (code: string): string => code.replaceAll('-', ' ');

/** Where a map speaks for its target most, for those who do not see it. */
export function strongestPlace(data: ArrayLike<number>, shape: readonly number[]): string {
  const [height = 1, width = 1] = shape;
  let at = 0;
  for (let i = 1; i < data.length; i++) if (data[i]! > data[at]!) at = i;
  if (!(data[at]! > 0)) return 'nowhere';
  const third = (position: number, length: number): 0 | 1 | 2 =>
    Math.min(2, Math.floor((3 * position) / length)) as 0 | 1 | 2;
  const row = (['top', 'middle', 'bottom'] as const)[third(Math.floor(at / width), height)];
  const column = (['left', 'centre', 'right'] as const)[third(at % width, width)];
  return row === 'middle' && column === 'centre' ? 'in the centre' : `at the ${row} ${column}`.replace('middle ', '');
}
