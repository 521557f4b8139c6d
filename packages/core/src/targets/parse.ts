// The command line's way to write a target.
import { SaywhyError } from '../errors.js';
import type { Target } from '../types.js';

/**
 * A target from text: a label, `label:<label>`, an index, `index:<n>`, `top`, `top3`, `not:<target>`, `probability:<target>`, `<target> vs <target>`,
 * `box:<x>,<y>,<width>,<height>` and `mask:` the same, both followed by `:<label or index>` or not, `value:up`, `value:down`, `value:near <number>`, or JSON. A
 * text that is a label as it stands is that label, whatever else it looks like.
 * @throws SaywhyError `invalid-target` where what follows `index:`, `box:`, `mask:` or `value:`, or JSON, cannot be read
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
  if (trimmed.startsWith('{')) return fromJson(trimmed);
  const top = /^top-?(\d*)$/i.exec(trimmed);
  if (top) return { top: top[1] === '' ? 1 : Number(top[1]) };
  const sides = versusSides(trimmed, labels);
  if (sides) return { versus: [parseTarget(sides[0], labels), parseTarget(sides[1], labels)] };
  const asked = /^(box|mask|value):\s*(.+)$/is.exec(trimmed);
  if (asked) return special(asked[1]!.toLowerCase(), asked[2]!);
  return wholeNumber.test(trimmed) ? Number(trimmed) : trimmed;
}

/** With a sign too, so that -1 is refused as an index that there is not rather than looked up as a label. */
const wholeNumber = /^-?\d+$/;

function indexOf(text: string): number {
  if (wholeNumber.test(text)) return Number(text);
  throw new SaywhyError('invalid-target', `"index:" takes the number of a class, such as index:281, not "${text}".`);
}

/** A place of the picture, with a class or not, or what becomes of a value. */
function special(key: string, text: string): Target {
  const [place = '', named] = [/^[^:]*/.exec(text)![0], /:(.*)$/s.exec(text)?.[1]];
  const which = named === undefined ? undefined : wholeNumber.test(named) ? Number(named) : named;
  if (key === 'value') {
    const near = /^near\s+(.+)$/i.exec(place)?.[1];
    const value = near === undefined ? (place as 'up') : { near: Number(near) };
    return { value, ...(which !== undefined && { of: which }) };
  }
  const numbers = place.split(',').map(Number);
  const [x, y, width, height] = numbers as [number, number, number, number];
  if (numbers.length !== 4 || numbers.some(Number.isNaN))
    throw new SaywhyError(
      'invalid-target',
      `"${key}:" takes x,y,width,height in pixels of the picture, not "${place}".`,
    );
  const box = { x, y, width, height };
  return { ...(key === 'box' ? { box } : { mask: box }), ...(which !== undefined && { class: which }) };
}

function fromJson(text: string): Target {
  try {
    return JSON.parse(text) as Target;
  } catch (cause) {
    throw new SaywhyError('invalid-target', `The target ${text} is not JSON.`, { cause });
  }
}

/** The two sides of `A vs B`; where a label holds " vs " itself, the split that leaves labels on both sides. */
function versusSides(text: string, labels: readonly string[]): [string, string] | undefined {
  const splits = [...text.matchAll(/\s+(?:vs\.?|versus)\s+/gi)].map((match): [string, string] => [
    text.slice(0, match.index),
    text.slice(match.index + match[0].length),
  ]);
  return splits.find((sides) => sides.every((side) => labels.includes(side))) ?? splits[0];
}
