// Settings as the part of an address after its #: what a link restores. It holds names and numbers, never a picture or a model.
import { type ColormapName, colormapNames } from '@saywhy/core/render';
import type { Choice, Evidence } from './question.js';

/** What the page is used for: each mode is a page of its own. */
export type Mode = 'what' | 'ask' | 'caption' | 'judge';

export interface Settings {
  readonly mode: Mode;
  /** Names of a sample picture and of bundled models; of one's own ones nothing is kept. */
  readonly picture?: string;
  readonly model?: string;
  /** A drawn scene, and what is asked about it. */
  readonly scene?: string;
  readonly question?: string;
  readonly method: string;
  readonly choice: Choice;
  readonly evidence: Evidence;
  readonly layer: string;
  readonly compare: Compare;
  readonly arrangement: 'split' | 'beside';
  readonly view: View;
}

/** What the map is shown beside: the photograph alone, a map that was kept, the same method on random weights, another model. */
export type Compare =
  | { readonly kind: 'none' | 'photo' | 'kept' | 'random' }
  | { readonly kind: 'model'; readonly model: string };

/** How maps are drawn. */
export interface View {
  /** How opaque the strongest value is, 0 to 1. */
  readonly opacity: number;
  /** For maps without a sign; those with one are drawn around zero. */
  readonly colormap: ColormapName;
  /** Linear between the centres of cells, or the cells as the layer has them. */
  readonly smooth: boolean;
  readonly contours: boolean;
  readonly base: Base;
  /** Whether a map that is near zero beside others is drawn on a scale of its own all the same. */
  readonly stretch: boolean;
}

export type Base = 'color' | 'gray' | 'hidden';

export const modes: readonly Mode[] = ['what', 'ask', 'caption', 'judge'];

export const defaults: Settings = {
  mode: 'what',
  method: 'grad-cam',
  choice: { kind: 'top' },
  evidence: 'for',
  layer: 'auto',
  compare: { kind: 'none' },
  arrangement: 'split',
  view: { opacity: 0.8, colormap: 'inferno', smooth: true, contours: false, base: 'color', stretch: false },
};

/** Only what differs from the defaults, so that links stay short. */
export function toHash(settings: Settings): string {
  const { mode, picture, model, scene, question, method, choice, evidence, layer, compare, arrangement, view } =
    settings;
  const entries: [string, string | undefined][] = [
    ['mode', unless(mode, defaults.mode)],
    ['picture', picture],
    ['model', model],
    ['scene', scene],
    ['question', question],
    ['method', unless(method, defaults.method)],
    ['class', choice.kind === 'top' ? undefined : String(choice.index)],
    ['than', choice.kind === 'versus' ? String(choice.other) : undefined],
    ['show', unless(evidence, defaults.evidence)],
    ['layer', unless(layer, defaults.layer)],
    [
      'beside',
      compare.kind === 'none' ? undefined : compare.kind === 'model' ? `model:${compare.model}` : compare.kind,
    ],
    ['split', arrangement === 'beside' ? 'no' : undefined],
    ['opacity', unless(String(view.opacity), String(defaults.view.opacity))],
    ['colors', unless(view.colormap, defaults.view.colormap)],
    ['cells', view.smooth ? undefined : 'yes'],
    ['contours', view.contours ? 'yes' : undefined],
    ['photo', unless(view.base, defaults.view.base)],
    ['stretch', view.stretch ? 'yes' : undefined],
  ];
  const parts = new URLSearchParams();
  for (const [key, value] of entries) if (value !== undefined) parts.set(key, value);
  return parts.toString();
}

const unless = (value: string, usual: string): string | undefined => (value === usual ? undefined : value);

/** Reads what `toHash` wrote, by whomever: what makes no sense is left at its default. */
export function fromHash(hash: string): Settings {
  const parts = new URLSearchParams(hash.replace(/^#/, ''));
  const text = (key: string): string | undefined => parts.get(key) || undefined;
  const picture = text('picture');
  const model = text('model');
  const scene = text('scene');
  const question = text('question');
  return {
    mode: oneOf(text('mode'), modes) ?? defaults.mode,
    ...(picture && { picture }),
    ...(model && { model }),
    ...(scene && { scene }),
    ...(question && { question }),
    method: text('method') ?? defaults.method,
    choice: readChoice(wholeNumber(text('class')), wholeNumber(text('than'))),
    evidence: oneOf(text('show'), ['for', 'against', 'both']) ?? defaults.evidence,
    layer: text('layer') ?? defaults.layer,
    compare: readCompare(text('beside')),
    arrangement: text('split') === 'no' ? 'beside' : 'split',
    view: {
      opacity: share(text('opacity')) ?? defaults.view.opacity,
      colormap:
        oneOf(
          text('colors'),
          colormapNames.filter((name) => name !== 'diverging'),
        ) ?? defaults.view.colormap,
      smooth: text('cells') !== 'yes',
      contours: text('contours') === 'yes',
      base: oneOf(text('photo'), ['color', 'gray', 'hidden']) ?? defaults.view.base,
      stretch: text('stretch') === 'yes',
    },
  };
}

function readChoice(index: number | undefined, other: number | undefined): Choice {
  if (index === undefined) return { kind: 'top' };
  return other === undefined || other === index ? { kind: 'class', index } : { kind: 'versus', index, other };
}

function readCompare(text: string | undefined): Compare {
  if (text?.startsWith('model:') && text.length > 6) return { kind: 'model', model: text.slice(6) };
  // A map that was kept is not in the link, so that there is nothing to compare with.
  return { kind: oneOf(text, ['photo', 'random']) ?? 'none' };
}

function oneOf<T extends string>(text: string | undefined, allowed: readonly T[]): T | undefined {
  return allowed.find((value) => value === text);
}

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,7}$/.test(text) ? Number(text) : undefined;
}

function share(text: string | undefined): number | undefined {
  const value = Number(text);
  return text !== undefined && value >= 0 && value <= 1 ? value : undefined;
}
