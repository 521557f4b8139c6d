// A model that has scores of the next word only, [1, words], is asked once for each word, with the caption up to it. A whole caption's map is the sum of its
// words' maps, as a batch of prefixes with the same picture would give it.
import { SaywhyError } from '../errors.js';
import { scaleMap } from '../maps/scale.js';
import type { Explainer, ExplainOptions, Explanation, ExplanationMap, Target } from '../types.js';
import { placesIn, pointed, type Spoken } from './point.js';
import type { Speaker } from './speak.js';

export async function explainPrefixes(
  model: Explainer,
  speaker: Speaker,
  spoken: Spoken,
  targets: readonly Target[],
  options: ExplainOptions,
): Promise<Explanation> {
  const explanations: Explanation[] = [];
  for (const target of targets) {
    if (typeof target === 'object' && 'caption' in target) {
      const words = placesIn(target, spoken).map(({ id, at }) => ({ token: id, at }));
      const parts: Explanation[] = [];
      for (const word of words) parts.push(await explainAt(model, speaker, spoken, word, options));
      explanations.push(summed(parts, spoken.text));
    } else explanations.push(await explainAt(model, speaker, spoken, target, options));
  }
  return {
    ...explanations[0]!,
    maps: inOrder(explanations),
    warnings: explanations.flatMap(({ warnings }) => warnings),
  };
}

/** @throws SaywhyError `invalid-target` for a target of several places */
export function explainAt(
  model: Explainer,
  speaker: Speaker,
  spoken: Spoken,
  target: Target,
  options: ExplainOptions,
): Promise<Explanation> {
  return model.explain(...asked(speaker, spoken, target, options));
}

/** What the model is asked of one word: with the caption up to it. */
export function asked<O>(speaker: Speaker, spoken: Spoken, target: Target, options: O) {
  const places = [...new Set(placesIn(target, spoken).map(({ at }) => at))];
  if (places.length > 1)
    throw new SaywhyError(
      'invalid-target',
      'This model gives scores of one word at a time: a target of several places can only be a `caption` by itself.',
    );
  const { fed } = speaker.feed(spoken.ids.slice(0, places[0] ?? spoken.ids.length));
  return [fed, { ...options, target: pointed(target, spoken, () => 0) }] as const;
}

function summed(parts: readonly Explanation[], text: string): Explanation {
  const [first] = parts;
  const maps = first!.maps.map((map, k): ExplanationMap => {
    const others = parts.map(({ maps }) => maps[k]!);
    const data = new Float32Array(map.raw.data.length);
    for (const { raw } of others) for (let i = 0; i < data.length; i++) data[i]! += raw.data[i]!;
    const raw = { data, shape: map.raw.shape };
    const { constant: _, ...scaled } = scaleMap(raw, map.shape, map.signed);
    return {
      ...map,
      ...scaled,
      raw,
      target: { text, value: others.reduce((sum, { target }) => sum + target.value, 0) },
    };
  });
  return { ...first!, maps, warnings: parts.flatMap(({ warnings }) => warnings) };
}

/** By method and layer, and then by target, as one run gives them. */
function inOrder(explanations: readonly Explanation[]): ExplanationMap[] {
  const groups = new Map<string, ExplanationMap[]>();
  for (const { maps } of explanations)
    for (const map of maps) {
      const key = `${map.method}|${map.layer.tensor}`;
      groups.set(key, [...(groups.get(key) ?? []), map]);
    }
  return [...groups.values()].flat();
}
