// The command line's way to write a target.
import { SaywhyError } from '../errors.js';
import type { Target } from '../types.js';

/**
 * A target from text: a label, `label:<label>`, an index, `index:<n>`, `top`, `top3`, `not:<target>`, `probability:<target>`, `<target> vs <target>`. A text
 * that is a label as it stands is that label, whatever else it looks like.
 * @throws SaywhyError `invalid-target` where `index:` is not followed by a whole number
 */
export function parseTarget(text: string, labels: readonly string[] = []): Target {
  const trimmed = text.trim();
  if (labels.includes(trimmed)) return trimmed;
  const prefixed = /^(label|index|not|probability):\s*(.+)$/is.exec(trimmed);
  if (prefixed) {
    const rest = prefixed[2]!;
    switch (prefixed[1]!.toLowerCase()) {
      case 'label':
        return rest;
      case 'index':
        return indexOf(rest);
      case 'not':
        return { not: parseTarget(rest, labels) };
      case 'probability':
        return { probability: parseTarget(rest, labels) };
    }
  }
  const top = /^top-?(\d*)$/i.exec(trimmed);
  if (top) return { top: top[1] === '' ? 1 : Number(top[1]) };
  const sides = versusSides(trimmed, labels);
  if (sides) return { versus: [parseTarget(sides[0], labels), parseTarget(sides[1], labels)] };
  return wholeNumber.test(trimmed) ? Number(trimmed) : trimmed;
}

/** With a sign too, so that -1 is refused as an index that there is not rather than looked up as a label. */
const wholeNumber = /^-?\d+$/;

function indexOf(text: string): number {
  if (wholeNumber.test(text)) return Number(text);
  throw new SaywhyError('invalid-target', `"index:" takes the number of a class, such as index:281, not "${text}".`);
}

/** The two sides of `A vs B`; where a label holds " vs " itself, the split that leaves labels on both sides. */
function versusSides(text: string, labels: readonly string[]): [string, string] | undefined {
  const splits = [...text.matchAll(/\s+(?:vs\.?|versus)\s+/gi)].map((match): [string, string] => [
    text.slice(0, match.index),
    text.slice(match.index + match[0].length),
  ]);
  return splits.find((sides) => sides.every((side) => labels.includes(side))) ?? splits[0];
}
