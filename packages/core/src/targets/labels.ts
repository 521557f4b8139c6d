import { SaywhyError } from '../errors.js';
import { nearest } from '../nearest.js';

/**
 * The class that a text names: by its label as written, else in any case, else as one of the names that a label lists ("tabby" of "tabby, tabby cat").
 * @throws SaywhyError `unknown-label`, with near matches; `ambiguous-label`; `no-labels`
 */
export function findLabel(text: string, labels: readonly string[] | undefined): number {
  if (!labels)
    throw new SaywhyError(
      'no-labels',
      `"${text}" cannot be looked up: the model's labels are not known. Give the class by its index, or pass \`labels\`.`,
    );
  const wanted = normal(text);
  const tests: ((label: string) => boolean)[] = [
    (label) => label === text,
    (label) => normal(label) === wanted,
    (label) => label.split(',').some((name) => normal(name) === wanted),
  ];
  for (const test of tests) {
    const found = labels.flatMap((label, index) => (test(label) ? [index] : []));
    if (found.length === 1) return found[0]!;
    if (found.length > 1)
      throw new SaywhyError(
        'ambiguous-label',
        `"${text}" is the label of several classes: ${found.slice(0, 8).join(', ')}. Give the index.`,
      );
  }
  const near = nearest(text, labels);
  const hint =
    near.length > 0
      ? `Did you mean ${near.map((label) => `"${label}"`).join(' or ')}?`
      : `The model knows ${labels.length} classes, such as "${labels[0]}".`;
  throw new SaywhyError('unknown-label', `No class is called "${text}". ${hint}`);
}

function normal(label: string): string {
  return label
    .trim()
    .toLowerCase()
    .replace(/[\s_]+/g, ' ');
}
