// What Node says of the same question.
import {
  createExplainer,
  type Explainer,
  type ExplainOptions,
  type Explanation,
  type ExplanationMap,
  type NodeInput,
} from '@saywhy/node';
import { expect } from 'chai';
import { repository } from '../../support/page.js';

const explainers = new Map<string, Promise<Explainer<NodeInput>>>();

/** Of a bundled model or a file, made once for all tests of the page. */
export function nodeExplainer(model: string): Promise<Explainer<NodeInput>> {
  const found = explainers.get(model) ?? createExplainer(model);
  explainers.set(model, found);
  return found;
}

export async function inNode(
  options: ExplainOptions = {},
  { picture = 'samples/cat-and-dog.png', model = 'efficientnet-lite0' } = {},
): Promise<Explanation> {
  return (await nodeExplainer(model)).explain(repository(picture), options);
}

/** Both engines round differently: what differs is a thousandth of the strongest value at most. */
export function expectSameMap(
  found: { readonly shape: readonly number[]; readonly data: ArrayLike<number> },
  expected: { readonly shape: readonly number[]; readonly data: ArrayLike<number> },
): void {
  expect(found.shape).to.deep.equal(expected.shape);
  const strongest = Array.from(expected.data).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  expect(strongest, 'a map that could be wrong').to.be.greaterThan(0);
  const difference = Array.from(expected.data).reduce(
    (most, value, i) => Math.max(most, Math.abs(value - found.data[i]!)),
    0,
  );
  expect(difference / strongest).to.be.lessThan(1e-3);
}

/** What a map's opacities say of it, beside Node's map: they are rounded to whole steps of 255. */
export function distance(strengths: readonly number[], map: Pick<ExplanationMap, 'data'>): number {
  if (strengths.length !== map.data.length) return Number.POSITIVE_INFINITY;
  return strengths.reduce(
    (most, found, i) => Math.max(most, Math.abs(found - 255 * Math.min(1, Math.abs(map.data[i]!)))),
    0,
  );
}

after(async () => {
  for (const explainer of explainers.values()) await (await explainer).dispose();
});
