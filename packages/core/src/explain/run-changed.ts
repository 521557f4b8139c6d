import type { Floats } from '../methods/method.js';
import type { ResolvedTarget } from '../targets/resolve.js';
import { fromFloats } from '../tensors/numbers.js';
import type { Core } from './core.js';
import { asModelHasIt, type Fed } from './feeds.js';

/** Pictures a run, where the model takes several. */
const BATCH = 8;

/** The target's value for changed inputs: in batches where the model's own batch is open and nothing else is fed. */
export async function runChanged(
  core: Core,
  fed: Fed,
  target: ResolvedTarget,
  count: number,
  make: (index: number) => Float32Array,
  before: (done: number) => void,
): Promise<number[]> {
  const { picture, fed: inputs } = core.description;
  const open = typeof picture.shape[0] === 'string' && inputs.length === 1;
  const batch = open ? BATCH : 1;
  const values: number[] = [];
  for (let start = 0; start < count; start += batch) {
    before(start);
    const size = Math.min(batch, count - start);
    const changed = Array.from({ length: size }, (_, i) => asModelHasIt(make(start + i), fed));
    const all = new Float32Array(size * changed[0]!.length);
    changed.forEach((one, i) => {
      all.set(one, i * one.length);
    });
    const tensor = fromFloats(all, picture.type, [size, ...fed.shape.slice(1)]);
    const scores = await core.runner.scores({ ...fed.feeds, [picture.name]: tensor });
    const others = Object.entries(scores.others ?? {});
    for (let i = 0; i < size; i++) {
      const beside = others.map(([name, other]) => [name, rowOf(other, i, size)] as const);
      const row = { ...rowOf(scores, i, size), ...(scores.others && { others: Object.fromEntries(beside) }) };
      values.push(await target.value(core.interpret(row)));
    }
  }
  before(count);
  return values;
}

/** One of a batch. */
function rowOf({ data, shape }: Floats, index: number, size: number): Floats {
  const each = data.length / size;
  return { data: data.subarray(index * each, (index + 1) * each), shape: [1, ...shape.slice(1)] };
}
