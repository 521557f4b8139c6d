// What is asked of a model: which class, against which other, and which side of the evidence.
import type { Method, Prediction, Target } from '@saywhy/core';
import { firstName } from '@saywhy/core/words';

/** The class in question. `top`, whatever the model says first, follows the picture. */
export type Choice =
  | { readonly kind: 'top' }
  | { readonly kind: 'class'; readonly index: number }
  | { readonly kind: 'versus'; readonly index: number; readonly other: number };

/** What speaks for the answer, what speaks against it, or the one less the other around zero. */
export type Evidence = 'for' | 'against' | 'both';

export const top: Choice = { kind: 'top' };

/** One target, or for both sides two whose maps are subtracted. */
export function targetsOf(choice: Choice, evidence: Evidence): Target[] {
  const target = targetOf(choice);
  if (evidence === 'for') return [target];
  if (evidence === 'against') return [{ not: target }];
  return [target, { not: target }];
}

function targetOf(choice: Choice): Target {
  if (choice.kind === 'top') return { top: 1 };
  if (choice.kind === 'class') return choice.index;
  return { versus: [choice.index, choice.other] };
}

/**
 * Whether a method tells for and against apart when asked for both: it weights a layer by what the class makes of it, and shows one sign of the sum. A map
 * with a sign shows both by itself; magnitudes of gradients, and maps that are the same for every class, know no side.
 */
export function hasSides({ needs, signed, warning }: Method): boolean {
  const ofLayer = needs.includes('activations') && (needs.includes('gradients') || needs.includes('head'));
  return ofLayer && !signed && !needs.includes('input-gradients') && warning?.code !== 'class-agnostic';
}

/** The class that the question is about, once the model has answered. */
export function askedIndex(choice: Choice, predictions: readonly Prediction[]): number | undefined {
  return choice.kind === 'top' ? predictions[0]?.index : choice.index;
}

export type Naming = (index: number) => string;

/** The name of a class: of its label the first name, else its number. */
export function naming(labels: readonly string[] | undefined): Naming {
  return (index) => {
    const label = labels?.[index];
    return label === undefined ? `class ${index}` : firstName(label);
  };
}

/** The question as the page's title asks it. */
export function questionText(choice: Choice, evidence: Evidence, asked: number | undefined, name: Naming): string {
  if (asked === undefined) return 'Why did it say that?';
  const subject = `“${name(asked)}”`;
  if (choice.kind === 'versus') {
    const other = `“${name(choice.other)}”`;
    if (evidence === 'both') return `${subject} or ${other}?`;
    return evidence === 'for' ? `Why ${subject} rather than ${other}?` : `Why ${other} rather than ${subject}?`;
  }
  if (evidence === 'for') return `Why ${subject}?`;
  return evidence === 'against' ? `What speaks against ${subject}?` : `What speaks for and against ${subject}?`;
}

/**
 * What a map's colours mean: what spoke for a class, by brightness or (signed) by red and blue; how much a pixel changes the score, either way; or what is no
 * matter of the class.
 */
export type Meaning = 'for' | 'signed' | 'change' | 'any';

export function meaningOf({ needs, signed, warning }: Method): Meaning {
  if (warning?.code === 'class-agnostic') return 'any';
  if (signed) return 'signed';
  return needs.includes('gradients') || !needs.includes('input-gradients') ? 'for' : 'change';
}

/** The same in a sentence. */
export function signText(
  choice: Choice,
  evidence: Evidence,
  asked: number | undefined,
  name: Naming,
  meaning: Meaning = 'for',
): string {
  if (asked === undefined) return '';
  if (meaning === 'any') return 'Bright places are what the layer responds to most, whatever the class.';
  const subject = name(asked);
  if (meaning === 'change')
    return choice.kind === 'versus'
      ? `Where it is bright, a pixel changes most how far ${subject} is from ${name(choice.other)}, to either side.`
      : `Where it is bright, a pixel changes the score of ${subject} most, up or down.`;
  if (choice.kind === 'versus') {
    const other = name(choice.other);
    if (evidence === 'both' || meaning === 'signed')
      return `Red places speak for ${subject} more than for ${other}, blue ones for ${other} more than for ${subject}.`;
    const [more, less] = evidence === 'for' ? [subject, other] : [other, subject];
    return `Bright places speak for ${more} more than for ${less}.`;
  }
  if (evidence === 'for' && meaning === 'for') return `Bright places spoke for ${subject}.`;
  if (evidence === 'against') return `Bright places spoke against ${subject}.`;
  return `Red places spoke for ${subject}, blue ones against it.`;
}
