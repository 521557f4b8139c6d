// Attention in all its spellings, as products of matrices and a softmax.
import type { Builder } from '../../builder/builder.js';
import { dataTypeName } from '../../model/data-types.js';
import { type DataType, type Dimension, isFloating, type Shape } from '../../model/types.js';
import { transposed } from '../matrices/matrices.js';
import { type Call, operators, type Tensor } from '../record.js';
import { productOf, quotientOf, unknownRank } from '../shapes.js';
import { range, sizeAt } from '../tensors/placing.js';

/** What a masked score is: far below all others, and finite, so that no difference of two is NaN. */
function lowest(type: DataType): number {
  return type === 'float16' ? -6e4 : -1e37;
}

/** Queries, keys and values [batch, heads, sequence, size], and what is said of which may look at which. */
export interface Heads {
  readonly q: Tensor;
  readonly k: Tensor;
  readonly v: Tensor;
  /** 1 / sqrt(size) where it is not given. */
  readonly scale?: number | undefined;
  readonly softcap?: number;
  /** Added to the scores; broadcast to [batch, heads, queries, keys]. */
  readonly bias?: Tensor | undefined;
  /** Truth values of the same shape: all of them must hold. */
  readonly allowed?: readonly Tensor[];
  /** What takes the place of scores that are not allowed. */
  readonly masked?: number;
  /** Whether a query may look at nothing at all, which gives zeros. */
  readonly canBeEmpty?: boolean;
  readonly softmaxType?: DataType | undefined;
}

/** The result [batch, heads, queries, size], and what it was made by. */
export function attend(b: Builder, heads: Heads) {
  const { q, k, v, softcap = 0, bias, allowed = [], masked = lowest(q.type) } = heads;
  const scores = b.matmul(b.mul(q, scaleOf(b, heads)), transposed(b, k));
  const capped = softcap > 0 ? b.mul(b.emit('Tanh', [b.div(scores, softcap)]), softcap) : scores;
  const condition = allowed.reduce<Tensor | undefined>((all, one) => (all ? b.and(all, one) : one), undefined);
  const finite = bias && heads.canBeEmpty ? b.emit('Max', [bias, b.scalar(masked, bias)]) : bias;
  const added = condition ? b.where(condition, finite ?? b.scalar(0, q), b.scalar(masked, q)) : finite;
  const biased = added ? b.add(capped, added) : capped;
  const soft = b.cast(softmax(b, b.cast(biased, heads.softmaxType ?? q.type)), q.type);
  const probabilities = added && heads.canBeEmpty ? b.keep(soft, b.greater(b.max(added, [-1]), masked / 2)) : soft;
  return { scores, capped, biased, probabilities, result: b.matmul(probabilities, v) };
}

function scaleOf(b: Builder, { q, scale }: Heads): Tensor | number {
  const size = q.shape?.[3];
  if (scale !== undefined) return scale;
  if (typeof size === 'number') return 1 / Math.sqrt(size);
  return b.div(1, b.sqrt(b.cast(b.reshape(sizeAt(b, q, 3), []), q.type)));
}

/** Over the last axis of four. */
function softmax(b: Builder, x: Tensor): Tensor {
  return b.emit('Softmax', [x], { axis: b.opset < 13 ? 3 : -1 });
}

/** [batch, sequence, heads * size] to [batch, heads, sequence, size]. */
export function apart(b: Builder, x: Tensor, heads: number): Tensor {
  return b.transpose(b.reshape(x, [0, 0, heads, -1]), [0, 2, 1, 3]);
}

/** [batch, heads, sequence, size] to [batch, sequence, heads * size]. */
export function together(b: Builder, x: Tensor): Tensor {
  return b.reshape(b.transpose(x, [0, 2, 1, 3]), [0, 0, -1]);
}

/** How far a query [queries, 1] lies behind a key [1, keys]; `offset`, a list of one integer, is what precedes the first query. */
export function distances(b: Builder, q: Tensor, k: Tensor, offset?: Tensor): Tensor {
  const queries = range(b, sizeAt(b, q, 2));
  const keys = range(b, sizeAt(b, k, 2));
  return b.sub(b.unsqueeze(offset ? b.add(queries, offset) : queries, [1]), b.unsqueeze(keys, [0]));
}

/** Where integers are at least some number. */
export function atLeast(b: Builder, integers: Tensor, least: number): Tensor {
  return b.greater(integers, least - 1);
}

type Standard = Call<'Attention'>;

/** Each head of keys and values as often as there are heads of queries to one of them. */
function repeated(b: Builder, x: Tensor, times: number): Tensor {
  if (times === 1) return x;
  const copies = b.expand(b.unsqueeze(x, [2]), [1, 1, times, 1, 1]);
  return b.reshape(copies, b.concat([sizeAt(b, x, 0), b.integers([-1]), sizeAt(b, x, 2), sizeAt(b, x, 3)], 0));
}

function headCounts({ Q, K, attributes: { q_num_heads, kv_num_heads } }: Standard): readonly [Dimension, Dimension] {
  return Q.shape?.length === 3 ? [q_num_heads ?? '?', kv_num_heads ?? '?'] : [Q.shape?.[1] ?? '?', K.shape?.[1] ?? '?'];
}

/** The mask as far as there are keys: what it does not reach is masked. */
function padded(b: Builder, mask: Tensor, keys: Tensor, value: number): Tensor {
  const [have, want] = [mask.shape?.at(-1), keys.shape?.[2]];
  if (have === want || have === 1) return mask;
  const rank = mask.shape!.length;
  const none = b.integers(new Array(rank).fill(0));
  const missing = b.sub(sizeAt(b, keys, 2), sizeAt(b, mask, rank - 1));
  return b.pad(mask, b.concat([none, b.integers(new Array(rank - 1).fill(0)), missing], 0), value);
}

/** What the inputs and attributes allow each query to look at. */
function conditions(call: Standard, b: Builder, q: Tensor, keys: Tensor): Tensor[] {
  const { attn_mask, past_key, nonpad_kv_seqlen, attributes } = call;
  const { is_causal, left_window_size: left, right_window_size: right } = attributes;
  const perPicture = (list: Tensor) => b.reshape(list, [-1, 1, 1, 1]);
  const found: Tensor[] = [];
  if (attn_mask && !isFloating(attn_mask.type)) {
    const asNumbers = padded(b, b.cast(attn_mask, q.type), keys, 0);
    found.push(asNumbers.shape?.at(-1) === attn_mask.shape?.at(-1) ? attn_mask : b.greater(asNumbers, 0.5));
  }
  if (is_causal || left >= 0 || right >= 0) {
    const behind = distances(b, q, keys, past_key && sizeAt(b, past_key, 2));
    const moved =
      nonpad_kv_seqlen && !past_key ? b.add(behind, b.sub(perPicture(nonpad_kv_seqlen), sizeAt(b, q, 2))) : behind;
    if (is_causal) found.push(atLeast(b, moved, 0));
    if (left >= 0) found.push(b.less(moved, left + 1));
    if (right >= 0) found.push(atLeast(b, moved, -right));
  }
  if (nonpad_kv_seqlen) found.push(b.less(range(b, sizeAt(b, keys, 2)), perPicture(nonpad_kv_seqlen)));
  return found;
}

function lowered(call: Standard & { readonly b: Builder }): readonly (Tensor | undefined)[] {
  const { Q, K, V, attn_mask, past_key, past_value, attributes, b } = call;
  const isFlat = Q.shape!.length === 3;
  const [heads, sources] = headCounts(call) as readonly [number, number];
  const q = isFlat ? apart(b, Q, heads) : Q;
  const newKeys = isFlat ? apart(b, K, sources) : K;
  const newValues = isFlat ? apart(b, V, sources) : V;
  const keys = past_key ? b.concat([past_key, newKeys], 2) : newKeys;
  const values = past_value ? b.concat([past_value, newValues], 2) : newValues;
  const isBias = attn_mask && isFloating(attn_mask.type);
  const { scores, capped, biased, probabilities, result } = attend(b, {
    q,
    k: repeated(b, keys, heads / sources),
    v: repeated(b, values, heads / sources),
    scale: attributes.scale,
    softcap: attributes.softcap,
    bias: isBias ? padded(b, attn_mask, keys, lowest(q.type)) : undefined,
    allowed: conditions(call, b, q, keys),
    canBeEmpty:
      Boolean(attn_mask ?? call.nonpad_kv_seqlen) ||
      attributes.left_window_size >= 0 ||
      attributes.right_window_size >= 0,
    softmaxType: attributes.softmax_precision ? dataTypeName(attributes.softmax_precision) : undefined,
  });
  const exposed = [scores, capped, biased, probabilities][attributes.qk_matmul_output_mode];
  return [isFlat ? together(b, result) : result, keys, values, exposed].slice(0, call.outputCount);
}

function standardShapes(call: Standard): readonly (Shape | undefined)[] {
  const { Q, K, V, past_key, outputCount } = call;
  if (!Q.shape || !K.shape || !V.shape) return new Array(outputCount).fill(undefined);
  const [heads, sources] = headCounts(call);
  const isFlat = Q.shape.length === 3;
  const [batch, queries] = [Q.shape[0]!, Q.shape.at(-2)!];
  const size = isFlat ? quotientOf([V.shape[2]!], [sources]) : V.shape[3]!;
  const keySize = isFlat ? quotientOf([K.shape[2]!], [sources]) : K.shape[3]!;
  const [before, now] = [past_key ? (past_key.shape?.[2] ?? '?') : 0, K.shape.at(-2)!];
  const total = before === 0 ? now : typeof before === 'number' && typeof now === 'number' ? before + now : '?';
  return [
    isFlat ? [batch, queries, productOf([heads, size])] : [batch, heads, queries, size],
    [batch, sources, total, keySize],
    [batch, sources, total, size],
    [batch, heads, queries, total],
  ].slice(0, outputCount);
}

export const attention = operators({
  Attention: {
    shape: standardShapes,
    type: ({ Q, V }) => [Q.type, Q.type, V.type, Q.type],
    unsupported: (call) => {
      const unknown = unknownRank(call.Q, call.K, call.V, call.attn_mask);
      if (unknown) return unknown;
      return headCounts(call).every((count) => typeof count === 'number')
        ? undefined
        : 'the number of its heads is not known before run time';
    },
    note: 'a query that may look at nothing gives zeros',
    lower: lowered,
  },
  RotaryEmbedding: {
    shape: ({ X }) => X.shape,
    unsupported: ({ X, cos_cache, sin_cache, position_ids }) => unknownRank(X, cos_cache, sin_cache, position_ids),
    lower: ({ X, cos_cache, sin_cache, position_ids, attributes, b }) => {
      const at = (cache: Tensor) => (position_ids ? b.gather(cache, position_ids, 0) : cache);
      return rotate(b, X, at(cos_cache), at(sin_cache), {
        heads: attributes.num_heads ?? 0,
        size: attributes.rotary_embedding_dim,
        isInterleaved: attributes.interleaved === 1,
      });
    },
  },
});

interface Rotation {
  /** Of an input [batch, sequence, heads * size]. */
  readonly heads: number;
  /** How many elements of each head are turned; 0: all. */
  readonly size: number;
  readonly isInterleaved: boolean;
}

/** Turns pairs of elements by the angles of their position; cosines and sines are [batch, sequence, pairs], or broadcast to it. */
export function rotate(
  b: Builder,
  X: Tensor,
  cos: Tensor,
  sin: Tensor,
  { heads, size, isInterleaved }: Rotation,
): Tensor {
  const isFlat = X.shape!.length === 3;
  // [batch, sequence, heads, size]
  const x = isFlat ? b.reshape(X, [0, 0, heads, -1]) : b.transpose(X, [0, 2, 1, 3]);
  const [c, s] = [b.unsqueeze(cos, [cos.shape!.length - 1]), b.unsqueeze(sin, [sin.shape!.length - 1])];
  const turned = size === 0 ? x : b.slice(x, [0], [size], [3]);
  const pairs = isInterleaved ? b.reshape(turned, [0, 0, 0, -1, 2]) : b.reshape(turned, [0, 0, 0, 2, -1]);
  const axis = isInterleaved ? 4 : 3;
  const part = (index: number) => b.squeeze(b.slice(pairs, [index], [index + 1], [axis]), [axis]);
  const [real, imaginary] = [part(0), part(1)];
  const both = [b.sub(b.mul(c, real), b.mul(s, imaginary)), b.add(b.mul(s, real), b.mul(c, imaginary))].map((one) =>
    b.unsqueeze(one, [axis]),
  );
  const done = b.reshape(b.concat(both, axis), [0, 0, 0, -1]);
  const whole = size === 0 ? done : b.concat([done, b.slice(x, [size], [2 ** 31 - 1], [3])], 3);
  return isFlat ? b.reshape(whole, [0, 0, -1]) : b.transpose(whole, [0, 2, 1, 3]);
}
