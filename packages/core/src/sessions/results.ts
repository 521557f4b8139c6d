// What a run gives, as numbers.
import type { Tensor } from 'onnxruntime-common';
import type { Floats } from '../methods/method.js';
import { toFloats } from '../tensors/numbers.js';
import type { Results } from './store.js';

export async function floatsOf(tensor: Tensor): Promise<Floats> {
  return { data: await toFloats(tensor), shape: tensor.dims };
}

/** Some of the tensors, by name. */
export async function collect(results: Results, names: readonly string[]): Promise<Map<string, Floats>> {
  return new Map(await Promise.all(names.map(async (name) => [name, await floatsOf(results[name]!)] as const)));
}
