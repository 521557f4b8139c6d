// The attention operators of onnxruntime (domain com.microsoft), by the same parts as the standard one.
import type { Builder } from '../../builder/builder.js';
import type { Dimension, Shape } from '../../model/types.js';
import { type Call, operators, type Tensor } from '../record.js';
import { mapDimension, productOf, quotientOf, unknownRank } from '../shapes.js';
import { range, sizeAt } from '../tensors/placing.js';
import { apart, atLeast, attend, distances, rotate, together } from './attention.js';

type Joint = Call<'com.microsoft.Attention'>;
type Multi = Call<'com.microsoft.MultiHeadAttention'>;

interface Masking {
  readonly attributes: { readonly mask_filter_value: number; readonly unidirectional: number };
  readonly b: Builder;
}

/**
 * What is added to the scores: the bias that is given, and a large negative number where a mask of integers says that there is nothing to look at. The mask
 * is [batch, keys], [batch, queries, keys], [batch, 1, queries, keys], or the number of keys of each picture, [batch].
 */
function biasOf({ attributes, b }: Masking, q: Tensor, keys: Tensor, mask?: Tensor, bias?: Tensor): Tensor | undefined {
  if (!mask) return bias;
  const rank = mask.shape!.length;
  const shaped = rank === 2 ? b.unsqueeze(mask, [1, 2]) : rank === 3 ? b.unsqueeze(mask, [1]) : mask;
  const allowed =
    rank === 1
      ? b.less(range(b, sizeAt(b, keys, 2)), b.cast(b.reshape(mask, [-1, 1, 1, 1]), 'int64'))
      : b.greater(shaped, 0);
  const added = b.where(allowed, b.scalar(0, q), b.scalar(attributes.mask_filter_value, q));
  return bias ? b.add(bias, added) : added;
}

/** No query looks at what comes after it. */
function conditions({ attributes, b }: Masking, q: Tensor, keys: Tensor, past?: Tensor): Tensor[] {
  return attributes.unidirectional === 1
    ? [atLeast(b, distances(b, q, keys, past && sizeAt(b, past, past.shape!.length - 2)), 0)]
    : [];
}

/** The number of columns that make queries, keys and values. */
function columns({ weights, attributes: { qkv_hidden_sizes: sizes } }: Joint): readonly Dimension[] {
  const each = quotientOf([weights.shape?.[1] ?? '?'], [3]);
  return sizes?.length === 3 ? sizes : [each, each, each];
}

function jointAttention(call: Joint & { readonly b: Builder }): readonly (Tensor | undefined)[] {
  const { input, weights, bias, mask_index, past, attention_bias, attributes, b } = call;
  const { num_heads: heads = 1, scale } = attributes;
  const product = b.matmul(input, weights);
  const sizes = b.integers(columns(call) as readonly number[]);
  const parts = b.emitAll('Split', [bias ? b.add(product, bias) : product, sizes], { axis: 2 }, 3);
  const [q, newKeys, newValues] = parts.map((part) => apart(b, part, heads)) as [Tensor, Tensor, Tensor];
  const before = (index: number) => b.squeeze(b.slice(past!, [index], [index + 1], [0]), [0]);
  const k = past ? b.concat([before(0), newKeys], 2) : newKeys;
  const v = past ? b.concat([before(1), newValues], 2) : newValues;
  const { result } = attend(b, {
    q,
    k,
    v,
    scale,
    bias: biasOf(call, q, k, mask_index, attention_bias),
    allowed: conditions(call, q, k, past),
  });
  const present = call.outputCount > 1 ? b.concat([b.unsqueeze(k, [0]), b.unsqueeze(v, [0])], 0) : undefined;
  return [together(b, result), present];
}

/** Queries, keys and values [batch, heads, sequence, size], however they are packed, with their part of the bias. */
function unpacked(call: Multi & { readonly b: Builder }): readonly [Tensor, Tensor, Tensor] {
  const { query, key, value, bias, attributes, b } = call;
  const heads = attributes.num_heads ?? 1;
  const member = (x: Tensor, index: number) =>
    b.transpose(b.squeeze(b.slice(x, [index], [index + 1], [3]), [3]), [0, 2, 1, 3]);
  if (query.shape!.length === 5) return [member(query, 0), member(query, 1), member(query, 2)];
  const size = query.shape![2] as number;
  const withBias = (x: Tensor, start: number, end: number) => (bias ? b.add(x, b.slice(bias, [start], [end], [0])) : x);
  const q = apart(b, withBias(query, 0, size), heads);
  if (key!.shape!.length === 5) return [q, member(key!, 0), member(key!, 1)];
  if (key!.shape!.length === 4) return [q, key!, value!];
  return [q, apart(b, withBias(key!, size, 2 * size), heads), apart(b, withBias(value!, 2 * size, 2 ** 31 - 1), heads)];
}

function multiHeadAttention(call: Multi & { readonly b: Builder }): readonly (Tensor | undefined)[] {
  const { key_padding_mask, attention_bias, past_key, past_value, attributes, b } = call;
  const [q, newKeys, newValues] = unpacked(call);
  const k = past_key ? b.concat([past_key, newKeys], 2) : newKeys;
  const v = past_value ? b.concat([past_value, newValues], 2) : newValues;
  const { scores, result } = attend(b, {
    q,
    k,
    v,
    scale: attributes.scale,
    bias: biasOf(call, q, k, key_padding_mask, attention_bias),
    allowed: conditions(call, q, k, past_key),
  });
  return [together(b, result), k, v, scores].slice(0, call.outputCount);
}

function multiShapes(call: Multi): readonly (Shape | undefined)[] {
  const { query, value, outputCount, attributes } = call;
  const heads = attributes.num_heads ?? '?';
  const shape = query.shape;
  if (!shape) return new Array(outputCount).fill(undefined);
  const size =
    value?.shape?.length === 3
      ? value.shape[2]!
      : value?.shape?.length === 4
        ? productOf([heads, value.shape[3]!])
        : productOf([heads, (shape.length === 5 ? shape[4] : call.key?.shape?.[4]) ?? '?']);
  const cache = [shape[0]!, heads, '?', '?'];
  return [[shape[0]!, shape[1]!, size], cache, cache, cache].slice(0, outputCount);
}

/** Masks that say where each of several sequences in a row begins and ends. */
function isPacked(mask: Tensor | undefined, input: Tensor): boolean {
  return mask?.shape?.length === 1 && mask.shape[0] !== input.shape?.[0];
}

export const fusedAttention = operators({
  'com.microsoft.Attention': {
    shape: (call) => {
      const { input, past, attributes, outputCount } = call;
      const [, , size] = columns(call);
      const total = mapDimension(past?.shape?.[3], (before) =>
        typeof input.shape?.[1] === 'number' ? before + input.shape[1] : -1,
      );
      const present = input.shape && [
        2,
        input.shape[0]!,
        attributes.num_heads ?? '?',
        past ? total : input.shape[1]!,
        quotientOf([size!], [attributes.num_heads ?? '?']),
      ];
      return [input.shape && [input.shape[0]!, input.shape[1]!, size!], present].slice(0, outputCount);
    },
    unsupported: (call) => {
      const { input, mask_index, attributes } = call;
      if (attributes.do_rotary)
        return 'it turns its queries and keys by position (do_rotary); optimise the model without that';
      const unknown = unknownRank(input, mask_index);
      if (unknown) return unknown;
      if (input.shape!.length !== 3) return `its input "${input.name}" does not have three axes`;
      if (isPacked(mask_index, input) || mask_index?.shape?.length === 4)
        return 'its mask is of a kind that is not supported';
      return columns(call).every((size) => typeof size === 'number')
        ? undefined
        : 'the shape of its weights is not known';
    },
    lower: jointAttention,
  },
  'com.microsoft.MultiHeadAttention': {
    shape: multiShapes,
    unsupported: ({ query, key, value, bias, key_padding_mask: mask, past_sequence_length, cache_indirection }) => {
      if (past_sequence_length || cache_indirection)
        return 'it writes to a buffer of keys and values that is shared between runs';
      const unknown = unknownRank(query, key, value, mask, bias);
      if (unknown) return unknown;
      const isSplit = query.shape?.length === 3 && key?.shape && (key.shape.length === 5 || value?.shape);
      if (!isSplit && query.shape?.length !== 5)
        return 'its queries, keys and values are laid out as ONNX Runtime does not have them';
      if (isPacked(mask, query)) return 'its mask is of a kind that is not supported';
      if (bias && query.shape?.length === 5) return 'it adds a bias to packed queries, keys and values';
      return typeof query.shape!.at(-1) === 'number' ? undefined : 'the size of its queries is not known';
    },
    lower: multiHeadAttention,
  },
  'com.microsoft.RotaryEmbedding': {
    shape: ({ input }) => input.shape,
    unsupported: ({ input, position_ids, cos_cache, sin_cache, attributes }) => {
      const unknown = unknownRank(input, position_ids, cos_cache, sin_cache);
      if (unknown) return unknown;
      if (attributes.scale !== 1 || attributes.is_packed_batching)
        return 'its attribute "scale" or "is_packed_batching" is set';
      return input.shape!.length === 4 || attributes.num_heads > 0 || typeof input.shape![2] === 'number'
        ? undefined
        : 'the number of its heads is not known before run time';
    },
    lower: ({ input, position_ids, cos_cache, sin_cache, attributes, b }) => {
      const { num_heads, rotary_embedding_dim: size, interleaved } = attributes;
      // One position stands for the first of a row of them.
      const positions =
        position_ids.shape!.length === 1
          ? b.unsqueeze(b.add(position_ids, range(b, sizeAt(b, input, input.shape!.length - 2))), [0])
          : position_ids;
      const half = cos_cache.shape?.[1];
      const heads = num_heads || (input.shape!.length === 3 ? (input.shape![2] as number) / (2 * (half as number)) : 0);
      const [cos, sin] = [b.gather(cos_cache, positions, 0), b.gather(sin_cache, positions, 0)];
      return rotate(b, input, cos, sin, { heads, size, isInterleaved: interleaved === 1 });
    },
  },
});
