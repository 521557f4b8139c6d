import { type Detection, SaywhyError } from '@saywhy/core';
import { type SaveKind, saveKind } from '../save.js';

/** For options that can be given again and hold a list each time: `--method a,b --method c`. */
export function listed(value: string, before: readonly string[] = []): string[] {
  return [...before, ...value.split(',').flatMap((part) => (part.trim() ? [part.trim()] : []))];
}

/** For options that can be given again, whose values may hold commas. */
export function repeated(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

/** @throws SaywhyError `invalid-option` with what is near */
export function saveList(value: string, before: readonly SaveKind[] = []): SaveKind[] {
  return [...new Set([...before, ...listed(value).map(saveKind)])];
}

/** @throws SaywhyError `invalid-option` */
export function count(value: string): number {
  const number = Number(value);
  if (Number.isInteger(number) && number > 0) return number;
  throw new SaywhyError('invalid-option', `--top is a number of classes from 1 on, not "${value}".`);
}

/** @throws SaywhyError `invalid-option` */
export function seed(value: string): number {
  const number = Number(value);
  if (value.trim() !== '' && Number.isInteger(number)) return number;
  throw new SaywhyError('invalid-option', `--seed is a whole number, not "${value}".`);
}

/** @throws SaywhyError `invalid-option` */
export function beam(value: string): number {
  const number = Number(value);
  if (Number.isInteger(number) && number > 0 && number <= 64) return number;
  throw new SaywhyError('invalid-option', `--beam is a number of captions from 1 to 64, not "${value}".`);
}

/**
 * `boxes=pred_boxes,firstClass=4`; what the fields may be is the library's to say.
 * @throws SaywhyError `invalid-option`
 */
export function detection(value: string, before: Partial<Detection> = {}): Partial<Detection> {
  const fields = listed(value).map((part) => {
    const [, name, text] = /^(\w+)=(.+)$/.exec(part) ?? [];
    if (name === undefined)
      throw new SaywhyError(
        'invalid-option',
        `--detection is a list like boxes=pred_boxes,firstClass=4; "${part}" is no name and value.`,
      );
    return [name, name === 'boxes' || Number.isNaN(Number(text)) ? text : Number(text)] as const;
  });
  return { ...before, ...Object.fromEntries(fields) };
}
