import { join, resolve } from 'node:path';
import { nearest } from '@saywhy/autodiff';
import { type Explanation, type ExplanationMap, type Picture, SaywhyError } from '@saywhy/core';
import { encodeNpy } from '@saywhy/core/npy';
import type { OverlayOptions } from '@saywhy/core/render';
import { drawOverlay } from './drawing.js';
import { pictureOf } from './explainer.js';
import { refuseExisting, writeWhole } from './files.js';
import { encodePng } from './pictures/encode.js';
import { reportHtml } from './report/index.js';

/** What can be saved: the photograph under the map as PNG, the map and its raw values as float32 `.npy`, a page to read. */
export type SaveKind = 'overlay' | 'map' | 'raw' | 'report';

const saveKinds: readonly SaveKind[] = ['overlay', 'map', 'raw', 'report'];

/** @throws SaywhyError `invalid-option` with what is near */
export function saveKind(name: string): SaveKind {
  const kind = saveKinds.find((known) => known === name);
  if (kind) return kind;
  const [near] = nearest(name, saveKinds);
  throw new SaywhyError(
    'invalid-option',
    `save does not know "${name}".${near ? ` Did you mean ${near}?` : ''} It takes: ${saveKinds.join(', ')}.`,
  );
}

export interface SaveOptions {
  /** Default: overlay, map and report. */
  readonly save?: readonly SaveKind[];
  /** Replace files that are already there. */
  readonly force?: boolean;
  /** What the files are called after; default: `picture`. */
  readonly name?: string;
  /** Needed where the explanation is a copy, or came from elsewhere. */
  readonly picture?: Picture;
  readonly overlay?: OverlayOptions;
}

/** Absolute paths of what was written for one map. */
export interface MapFiles {
  readonly overlay?: string;
  readonly map?: string;
  readonly raw?: string;
}

/**
 * The photograph at its own size with one of an explanation's maps over it.
 * @param options `map` is the map's place in `explanation.maps`, 0 by default; `picture` is needed for an explanation that is a copy
 * @throws SaywhyError `no-picture`, `unknown-map`, and what core's overlay throws
 */
export function overlay(
  explanation: Explanation,
  options: OverlayOptions & { readonly map?: number; readonly picture?: Picture } = {},
): Picture {
  const { map: index = 0, picture = pictureOf(explanation), ...drawing } = options;
  const map = explanation.maps[index];
  if (!map) {
    throw new SaywhyError(
      'unknown-map',
      `There is no map ${index}: the explanation has ${explanation.maps.length}, from 0.`,
    );
  }
  if (!picture) {
    throw new SaywhyError(
      'no-picture',
      'Which picture? Give it with the option `picture`: this explanation is a copy, or was made of a tensor.',
    );
  }
  const whole = { x: 0, y: 0, width: picture.width, height: picture.height };
  return drawOverlay(picture, map, explanation.region ?? whole, drawing);
}

/**
 * Writes an explanation's files into a folder, which is made if need be; nothing that is already there is replaced.
 * @throws SaywhyError `invalid-option`, and `file-exists` before anything is written; `no-picture`, `unwritable-file`
 */
export async function save(
  explanation: Explanation,
  folder: string,
  options: SaveOptions = {},
): Promise<{ readonly maps: readonly MapFiles[]; readonly report?: string }> {
  const { save: wanted = ['overlay', 'map', 'report'], force = false, name = 'picture' } = options;
  const kinds = wanted.map(saveKind);
  const names = mapNames(explanation.maps.map((map) => ({ image: name, map })));
  const maps = names.map((base) => mapPaths(folder, base, kinds));
  const report = kinds.includes('report') ? resolve(folder, 'report.html') : undefined;
  if (!force) await refuseExisting([...maps.flatMap((files) => Object.values(files)), ...(report ? [report] : [])]);
  for (const [i, files] of maps.entries()) await saveMap(explanation, i, files, options);
  if (report) {
    const picture = options.picture ?? pictureOf(explanation);
    if (!picture) throw new SaywhyError('no-picture', 'A report shows the picture: give it with the option `picture`.');
    await writeWhole(report, await reportHtml([{ name, picture, explanation }]), { force });
  }
  return { maps, ...(report !== undefined && { report }) };
}

/** Writes the files of one map, at the paths that `mapPaths` gave. */
export async function saveMap(
  explanation: Explanation,
  index: number,
  files: MapFiles,
  options: Pick<SaveOptions, 'force' | 'picture' | 'overlay'> = {},
): Promise<void> {
  const map = explanation.maps[index]!;
  if (files.overlay) {
    const { overlay: drawing, picture } = options;
    await writeWhole(
      files.overlay,
      await encodePng(overlay(explanation, { ...drawing, map: index, ...(picture && { picture }) })),
      options,
    );
  }
  if (files.map) await writeWhole(files.map, encodeNpy(map), options);
  if (files.raw) await writeWhole(files.raw, encodeNpy(map.raw), options);
}

export function mapPaths(folder: string, base: string, kinds: readonly SaveKind[]): MapFiles {
  const path = (ending: string): string => resolve(join(folder, `${base}${ending}`));
  return {
    ...(kinds.includes('overlay') && { overlay: path('.png') }),
    ...(kinds.includes('map') && { map: path('.npy') }),
    ...(kinds.includes('raw') && { raw: path('.raw.npy') }),
  };
}

/**
 * A name for each map, of the picture, the method and the target; of the model and the layer too where those differ.
 * What would be the same gets a number.
 * @param taken how often each name was given, of calls whose files go to the same folder
 */
export function mapNames(
  entries: readonly { readonly image: string; readonly model?: string; readonly map: ExplanationMap }[],
  taken = new Map<string, number>(),
): string[] {
  const several = (values: readonly unknown[]): boolean => new Set(values).size > 1;
  const models = several(entries.map(({ model }) => model));
  const layers = several(entries.map(({ map }) => map.layer.tensor));
  return entries.map(({ image, model, map }) => {
    const parts = [image, models && model, map.method, map.target.text, layers && map.layer.name];
    const base = shortened(parts.flatMap((part) => (part ? [slug(part)] : [])).join('_'));
    const count = (taken.get(base.toLowerCase()) ?? 0) + 1;
    taken.set(base.toLowerCase(), count);
    return count === 1 ? base : `${base}_${count}`;
  });
}

/** Letters and digits of any script, and what is harmless in a file name. */
function slug(text: string): string {
  const plain = text
    .normalize('NFC')
    .replace(/[^\p{L}\p{N}.+-]+/gu, '-')
    .replace(/^[-.]+|[-.]+$/g, '');
  return plain || 'map';
}

/** File systems take 255 bytes; an ending, a number and a temporary name have to fit too. */
function shortened(name: string): string {
  const characters = [...name];
  while (Buffer.byteLength(characters.join('')) > 180) characters.pop();
  return characters.join('');
}
