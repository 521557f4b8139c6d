import { resolveTensor } from '@saywhy/autodiff';
import { throwIfAborted } from '../abort.js';
import type { Input, OutputOptions, OutputTensor } from '../types.js';
import type { Core } from './core.js';

/** Tensors that a forward run gives, under the names by which they were asked for. */
export async function outputs(
  core: Core,
  input: Input,
  options: OutputOptions,
): Promise<Readonly<Record<string, OutputTensor>>> {
  const { model } = core;
  const asked = options.outputs ?? model.graph.outputs.map(({ name }) => name);
  const tensors = asked.map((name) => resolveTensor(model, name));
  const { feeds } = core.feed(input);
  throwIfAborted(options.signal);
  const found = await core.runner.tensors(feeds, [...new Set(tensors)]);
  return Object.fromEntries(
    asked.map((name, i) => {
      const { data, shape } = found.get(tensors[i]!)!;
      // The caller's own: what the runtime gave may be used again.
      return [name, { data: data.slice(), shape: [...shape] }];
    }),
  );
}
