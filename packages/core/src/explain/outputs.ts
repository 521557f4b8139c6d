import { resolveTensor } from '@saywhy/autodiff';
import { throwIfAborted } from '../abort.js';
import { collect } from '../sessions/results.js';
import type { SessionStore } from '../sessions/store.js';
import type { Input, OutputOptions, OutputTensor } from '../types.js';
import { afterPicture } from './after-picture.js';
import type { Core } from './core.js';

/** Tensors that a forward run gives, under the names by which they were asked for. */
export async function outputs(
  core: Core,
  store: SessionStore,
  input: Input,
  options: OutputOptions,
): Promise<Readonly<Record<string, OutputTensor>>> {
  const { model } = core;
  const asked = options.outputs ?? model.graph.outputs.map(({ name }) => name);
  const tensors = asked.map((name) => resolveTensor(model, name));
  const names = [...new Set(tensors)];
  const { feeds } = core.feed(input);
  throwIfAborted(options.signal);
  const results = options.again ? await afterPicture(core, store, feeds, names) : undefined;
  const found = results ? await collect(results, names) : await core.runner.tensors(feeds, names);
  return Object.fromEntries(
    asked.map((name, i) => {
      const { data, shape } = found.get(tensors[i]!)!;
      // The caller's own: what the runtime gave may be used again.
      return [name, { data: data.slice(), shape: [...shape] }];
    }),
  );
}
