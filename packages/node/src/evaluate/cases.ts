// What is evaluated: pictures, what each is asked about, and where that is in it.
import { readFile } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { type Input, SaywhyError, type Target, unchangingPicture } from '@saywhy/core';
import type { Area, Box } from '@saywhy/core/metrics';
import { parseTarget } from '@saywhy/core/words';
import { loadPicture } from '../pictures/load.js';

/** An area as a masks file has it: boxes, or a picture of labels beside it. */
export type AreaFile =
  | { readonly boxes: readonly Box[] }
  | { readonly labels: string; readonly ids?: readonly number[] };

/** One question about one picture. */
export interface Case {
  readonly image: string;
  /** As results call the picture: its file's name. */
  readonly name: string;
  /** As the command line writes it, or as the library has it; the top class if left out. */
  readonly target?: string | Exclude<Target, string | number | ((...scores: never[]) => unknown)>;
  readonly mask?: AreaFile;
  readonly others?: AreaFile;
  /** What the model is fed beside the picture, by name. */
  readonly inputs?: Readonly<Record<string, unknown>>;
}

/**
 * The entries of a masks file: `{ "cases": [{ "image", "target", "mask", "others", "inputs" }] }`, paths relative to the file.
 * @throws SaywhyError `file-not-found`, `invalid-json`, `invalid-masks`
 */
export async function readCases(path: string): Promise<Case[]> {
  const text = await readFile(path, 'utf8').catch((cause: Error) => {
    throw new SaywhyError('file-not-found', `${path} cannot be read: ${cause.message}.`, { cause });
  });
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (cause) {
    throw new SaywhyError('invalid-json', `${path} is no JSON: ${(cause as Error).message}.`, { cause });
  }
  const cases = isRecord(content) ? content.cases : undefined;
  if (!Array.isArray(cases)) throw invalid(path, 'it is { "cases": [...] }');
  return cases.map((entry: unknown, i) => {
    const where = `${path}, case ${i}`;
    if (!isRecord(entry) || typeof entry.image !== 'string') throw invalid(where, 'it names its "image"');
    const { image, target, mask, others, inputs } = entry;
    if (target !== undefined && typeof target !== 'string' && !isRecord(target))
      throw invalid(where, 'its "target" is a text, or an object as the library takes it');
    if (inputs !== undefined && !isRecord(inputs)) throw invalid(where, 'its "inputs" are an object');
    return {
      image: resolve(dirname(path), image),
      name: basename(image),
      // What kinds of targets there are, core knows: it refuses what is none.
      ...(target !== undefined && { target: target as Case['target'] }),
      ...(mask !== undefined && { mask: areaFrom(mask, path, `${where}, mask`) }),
      ...(others !== undefined && { others: areaFrom(others, path, `${where}, others`) }),
      ...(inputs !== undefined && { inputs }),
    };
  });
}

function areaFrom(area: unknown, path: string, where: string): AreaFile {
  if (isRecord(area)) {
    const { boxes, labels, ids } = area;
    if (Array.isArray(boxes) && boxes.every(isBox)) return { boxes };
    if (typeof labels === 'string' && (ids === undefined || (Array.isArray(ids) && ids.every(Number.isInteger))))
      return { labels: resolve(dirname(path), labels), ...(ids !== undefined && { ids }) };
  }
  throw invalid(where, 'it is { "boxes": [[left, top, right, bottom]] } or { "labels": "file.png", "ids": [1] }');
}

/**
 * The cases for some pictures: those of the masks file, and for a picture without any one for each target.
 * @param images none for all that the file names
 */
export function casesFor(images: readonly string[], targets: readonly string[], known: readonly Case[]): Case[] {
  if (images.length === 0) return [...known];
  return images.flatMap((image): Case[] => {
    const own = known.filter((entry) => entry.image === resolve(image));
    if (own.length > 0) return own;
    const plain = { image, name: basename(image) };
    return targets.length > 0 ? targets.map((target) => ({ ...plain, target })) : [plain];
  });
}

/** As a result is found again. */
export function keyOf({ image, target, inputs }: Case): string {
  return JSON.stringify([image, target ?? 'top', inputs ?? {}]);
}

/** @throws SaywhyError what `loadPicture` throws */
export async function loadArea(area: AreaFile): Promise<Area> {
  if ('boxes' in area) return area;
  const { data, width, height } = await loadPicture(area.labels);
  // Labels are grey: all three colours are the same.
  const labels = Uint8Array.from({ length: width * height }, (_, i) => data[4 * i]!);
  return { labels, width, height, ...(area.ids && { ids: area.ids }) };
}

/** What a case asks: the target as the library has it. */
export function targetOf({ target }: Case, labels: readonly string[] | undefined): Target {
  return typeof target === 'string' ? parseTarget(target, labels) : (target ?? { top: 1 });
}

/** What the model is fed: the picture alone, or with the case's other inputs by name. */
export async function inputOf({ image, inputs }: Case, picture: string): Promise<Input> {
  const loaded = unchangingPicture(await loadPicture(image));
  return inputs ? ({ [picture]: loaded, ...inputs } as Input) : loaded;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isBox(value: unknown): value is Box {
  return Array.isArray(value) && value.length === 4 && value.every(Number.isFinite);
}

function invalid(where: string, what: string): SaywhyError {
  return new SaywhyError('invalid-masks', `${where}: ${what}.`);
}
