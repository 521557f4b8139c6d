// From ids to the tensors that a model takes: the text itself, filled up to its length, and what goes with it (masks, kinds, positions, an empty cache).
import { SaywhyError } from '../errors.js';
import type { InputInfo, TensorInput, Tokenizer } from '../types.js';

export interface Placed {
  /** Filled up. */
  readonly ids: readonly number[];
  /** Where the text begins, and how many ids it has. */
  readonly first: number;
  readonly count: number;
}

/** @throws SaywhyError `text-too-long` */
export function place(ids: readonly number[], info: InputInfo, tokenizer: Tokenizer): Placed {
  const own = info.shape.at(-1);
  const length = tokenizer.length ?? (typeof own === 'number' ? own : undefined);
  if (length === undefined) return { ids, first: 0, count: ids.length };
  if (ids.length > length)
    throw new SaywhyError(
      'text-too-long',
      `The input "${info.name}" takes ${length} tokens, and the text has ${ids.length}. Ask in fewer words.`,
    );
  const filling = new Array<number>(length - ids.length).fill(tokenizer.pad ?? 0);
  const left = tokenizer.padding === 'left';
  return {
    ids: left ? [...filling, ...ids] : [...ids, ...filling],
    first: left ? filling.length : 0,
    count: ids.length,
  };
}

/** The tensors of a placed text, and of the inputs that go with it. `before` is how many tokens are in the cache already. */
export function tensorsOf(
  placed: Placed,
  info: InputInfo,
  companions: readonly InputInfo[],
  picture: readonly number[],
  before = 0,
): Record<string, TensorInput> {
  const { ids, first, count } = placed;
  const row = (values: readonly number[], like: InputInfo) => integers(values, like, [1, values.length]);
  const within = (i: number) => i >= first && i < first + count;
  const tensors: Record<string, TensorInput> = { [info.name]: row(ids, info) };
  for (const like of companions) {
    const { name, kind, shape } = like;
    if (kind === 'mask' && shape.length > 2) {
      const sizes = shape.map((size, axis) =>
        typeof size === 'number' ? size : axis === 0 ? 1 : picture[axis - shape.length + picture.length]!,
      );
      tensors[name] = integers(new Array<number>(sizes.reduce((a, b) => a * b, 1)).fill(1), like, sizes);
    } else if (kind === 'mask')
      tensors[name] = row([...new Array<number>(before).fill(1), ...ids.map((_, i) => Number(within(i)))], like);
    else if (kind === 'types')
      tensors[name] = row(
        ids.map(() => 0),
        like,
      );
    else if (kind === 'positions')
      tensors[name] = row(
        ids.map((_, i) => before + (within(i) ? i - first : 0)),
        like,
      );
    else if (kind === 'past') tensors[name] = nothingPast(like);
  }
  return tensors;
}

/** A cache that holds no tokens yet; where a flag says whether there is one, that there is none. */
function nothingPast(info: InputInfo): TensorInput {
  if (info.type === 'bool') return integers([0], info, [1]);
  const shape = info.shape.map((size, axis) => (typeof size === 'number' ? size : axis === 0 ? 1 : 0));
  return { data: info.type === 'float16' ? new Uint16Array(0) : new Float32Array(0), shape };
}

function integers(values: readonly number[], { type }: InputInfo, shape: readonly number[]): TensorInput {
  if (type === 'int64') return { data: BigInt64Array.from(values, BigInt), shape };
  if (type === 'int32') return { data: Int32Array.from(values), shape };
  if (type === 'bool') return { data: Uint8Array.from(values), shape, type: 'bool' };
  return { data: Float32Array.from(values), shape };
}
