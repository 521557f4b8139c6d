// For and against in one map. Methods that end in a ReLU show one sign of a sum; asked for the class and for its opposite, they show both.
import type { ExplanationMap } from '@saywhy/core';

/**
 * What speaks for a target less what speaks against it, around zero. Of methods whose map is relu(S), linear in the class's weights, this is S itself.
 *
 * @param plus the map of a target
 * @param minus the same method's map of `{ not: target }` at the same layer
 */
export function forLessAgainst(plus: ExplanationMap, minus: ExplanationMap): ExplanationMap {
  const raw = plus.raw.data.map((value, i) => value - minus.raw.data[i]!);
  const [a, b] = [inRawUnits(plus), inRawUnits(minus)];
  const data = plus.data.map((value, i) => a(value) - b(minus.data[i]!));
  const magnitude = data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  if (magnitude > 0) for (let i = 0; i < data.length; i++) data[i]! /= magnitude;
  return { ...plus, data, raw: { data: raw, shape: plus.raw.shape }, range: [-magnitude, magnitude], signed: true };
}

/** From the scale of `data` to raw values; a constant map has one value, which `range` tells. */
function inRawUnits({ range: [low, high] }: ExplanationMap): (value: number) => number {
  return (value) => low + value * (high - low);
}
