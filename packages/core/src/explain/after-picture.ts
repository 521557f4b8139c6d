// What follows from the picture alone, computed once for many texts about it: an encoder's results, for a decoder that is run word after word.
import { extract, inferTensors, isFloating, type Model, type Node } from '@saywhy/autodiff';
import { dispose } from '../sessions/kept-runs.js';
import type { Results, SessionStore } from '../sessions/store.js';
import type { Feeds } from '../sessions/work.js';
import type { Core } from './core.js';

interface Kept {
  readonly picture: Feeds[string];
  readonly key: string;
  readonly results: Results;
}

/**
 * Some tensors for a picture and what goes with it; what the picture's part of the model gave last is used again where the picture is the same.
 * @returns undefined where nothing of the model depends on the picture alone, or one of the tensors does
 */
export async function afterPicture(
  core: Core,
  store: SessionStore,
  feeds: Feeds,
  names: readonly string[],
): Promise<Results | undefined> {
  const { model } = core;
  const { picture } = core.info;
  const key = names.join('|');
  const states = core.once(`states|${key}`, () => statesOf(model, picture, names));
  if (states.length === 0) return undefined;
  const memory = core.once('states', (): { kept?: Kept } => ({}));
  const { kept } = memory;
  if (kept?.picture !== feeds[picture] || kept?.key !== key) {
    if (kept) dispose(kept.results);
    delete memory.kept;
    const before = await store.open(`to|${key}`, () => extract(model, { inputs: [], outputs: states }));
    memory.kept = { picture: feeds[picture]!, key, results: await before.run(fedTo(before.part, feeds)) };
  }
  const after = await store.open(`from|${key}`, () => extract(model, { inputs: states, outputs: names }));
  return after.run(fedTo(after.part, { ...feeds, ...memory.kept!.results }));
}

const fedTo = ({ graph }: Model, feeds: Feeds): Feeds =>
  Object.fromEntries(graph.inputs.flatMap(({ name }) => (feeds[name] ? [[name, feeds[name]] as const] : [])));

/** The last tensors on the way to some others that depend on the picture and on no other input. */
function statesOf(model: Model, picture: string, names: readonly string[]): readonly string[] {
  const { graph } = model;
  const tensors = inferTensors(model);
  const ofPicture = new Set([picture]);
  const ofOthers = new Set(graph.inputs.map(({ name }) => name).filter((name) => name !== picture));
  for (const name of graph.initializers.keys()) ofOthers.delete(name);
  for (const node of graph.nodes)
    for (const set of [ofPicture, ofOthers])
      if (usesOf(node).some((name) => set.has(name))) for (const name of node.outputs) set.add(name);
  // Sizes and the like are as soon computed again.
  const isState = (name: string) =>
    ofPicture.has(name) && !ofOthers.has(name) && name !== picture && isFloating(tensors.get(name)?.type ?? 'other');
  const states = new Set<string>();
  const seen = new Set<string>(names);
  for (const name of seen)
    if (isState(name)) states.add(name);
    else for (const used of usesOf(graph.producers.get(name))) seen.add(used);
  return names.some((name) => states.has(name)) ? [] : [...states];
}

const usesOf = (node: Node | undefined): readonly string[] =>
  node ? [...node.inputs, ...node.captures].filter((name) => name !== '') : [];
