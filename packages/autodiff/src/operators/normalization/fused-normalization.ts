// Normalizations as onnxruntime's offline optimisation writes them: with the sum before them, or with the embeddings.
import type { Builder } from '../../builder/builder.js';
import type { Shape } from '../../model/types.js';
import { exists } from '../../schema/read.js';
import { type Backward, type Call, operators, type Tensor } from '../record.js';
import { unknownRank } from '../shapes.js';
import { layerNormalization, rmsNormalization } from './layer-normalization.js';
import { standardize, standardized, stashType } from './standardize.js';

type Skip = Backward<'com.microsoft.SkipLayerNormalization'>;
type SimpleSkip = Backward<'com.microsoft.SkipSimplifiedLayerNormalization'>;

/** What is normalised: the fourth output, or else the sum again. */
function sumOf({ input, skip, bias, outputs, b }: Skip | SimpleSkip): Tensor {
  const [, , , sum] = outputs;
  if (sum && sum.name !== '') return sum;
  return bias ? b.add(b.add(input, skip), bias) : b.add(input, skip);
}

const lastAxis = { axis: -1, stash_type: 1 };

/** The same as a LayerNormalization of the sum. */
function layerNorm(call: Skip): Backward<'LayerNormalization'> {
  const { gamma, beta, attributes, cotangents } = call;
  return {
    ...call,
    X: sumOf(call),
    Scale: gamma,
    B: beta,
    attributes: { ...lastAxis, epsilon: attributes.epsilon },
    cotangents: cotangents.slice(0, 3),
  };
}

function rmsNorm(call: SimpleSkip): Backward<'RMSNormalization'> {
  const { gamma, attributes } = call;
  return { ...call, X: sumOf(call), scale: gamma, attributes: { ...lastAxis, epsilon: attributes.epsilon } };
}

const { X: ofLayerInput, Scale: ofLayerScale, B: ofLayerBias } = rulesOf(layerNormalization);
const { X: ofRmsInput, scale: ofRmsScale } = rulesOf(rmsNormalization);

function rulesOf<R>({ grad }: { readonly grad?: R | 'none' }): { readonly [K in keyof R]-?: NonNullable<R[K]> } {
  return grad as { readonly [K in keyof R]-?: NonNullable<R[K]> };
}

/** The cotangent of each term of the sum: through the normalization, and through the sum where something uses it. */
function ofTerm(call: Skip): Tensor {
  const [g, mean, inverse, ofSum] = call.cotangents;
  const through = g || mean || inverse ? ofLayerInput(layerNorm(call)) : undefined;
  return added(call.b, through, ofSum);
}

function ofSimpleTerm(call: SimpleSkip): Tensor {
  const [g, , inverse, ofSum] = call.cotangents;
  return added(call.b, ofSimpleInput({ ...rmsNorm(call), cotangents: [g, inverse] }, call.outputs[2]!), ofSum);
}

/** The cotangent of what is normalised without its mean: through the output, and through the inverse deviation, of slope -x inverse^3 / n. */
function ofSimpleInput(call: Backward<'RMSNormalization'>, inverse: Tensor): Tensor | undefined {
  const { X, cotangents, b } = call;
  const [g, ofInverse] = cotangents;
  const through = g && ofRmsInput({ ...call, g });
  if (!ofInverse) return through;
  const count = b.cast(b.reshape(b.sizes(X, [X.shape!.length - 1]), []), inverse.type);
  const slope = b.cast(b.div(b.mul(ofInverse, b.neg(b.pow(inverse, 3))), count), X.type);
  return added(b, through, b.mul(X, slope));
}

function added(b: Builder, first: Tensor | undefined, second: Tensor | undefined): Tensor {
  return first && second ? b.add(first, second) : (first ?? second)!;
}

/** The cotangent of the normalised output; zeros where only the sum is used. */
function ofOutput({ cotangents, y, b }: SimpleSkip): Tensor {
  return cotangents[0] ?? b.zerosLike(y);
}

function skipShapes({ input: { shape }, outputCount }: { readonly input: Tensor; readonly outputCount: number }) {
  const statistics = shape && [...shape.slice(0, -1), 1];
  return [shape, statistics, statistics, shape].slice(0, outputCount);
}

function skipTypes({ input: { type } }: { readonly input: Tensor }) {
  return [type, stashType(type), stashType(type), type];
}

interface Skipped {
  readonly input: Tensor;
  readonly skip: Tensor;
  readonly bias: Tensor | undefined;
}

function refused({ input, skip, bias }: Skipped): string | undefined {
  return unknownRank(input, skip, bias);
}

/** LayerNormalization over the last axis; in simpler operators where the opset does not have it. */
function normalize(b: Builder, x: Tensor, gamma: Tensor, beta: Tensor, epsilon: number): Tensor {
  if (exists('LayerNormalization', b.opset))
    return b.emit('LayerNormalization', [x, gamma, beta], { axis: -1, epsilon });
  const normal = standardized(b, standardize(b, b.cast(x, stashType(x.type)), [x.shape!.length - 1], epsilon));
  return b.add(b.mul(b.cast(normal, x.type), gamma), beta);
}

type Embedding = Call<'com.microsoft.EmbedLayerNormalization'>;

function embeddedShape({ input_ids: { shape }, word_embedding: table }: Embedding): Shape | undefined {
  return shape && [...shape, table.shape?.[1] ?? '?'];
}

/** Word, position and segment embeddings of [batch, sequence], added up. */
function embedded(call: Embedding & { readonly b: Builder }): Tensor {
  const { input_ids, segment_ids, word_embedding, position_embedding, segment_embedding, position_ids, b } = call;
  const words = b.gather(word_embedding, input_ids, 0);
  const positions = position_ids
    ? b.gather(position_embedding, position_ids, 0)
    : b.slice(position_embedding, [0], b.sizes(input_ids, [1]), [0]);
  const sum = b.add(words, positions);
  return segment_embedding && segment_ids ? b.add(sum, b.gather(segment_embedding, segment_ids, 0)) : sum;
}

export const fusedNormalization = operators({
  'com.microsoft.SkipLayerNormalization': {
    shape: skipShapes,
    type: skipTypes,
    unsupported: refused,
    grad: {
      input: ofTerm,
      skip: ofTerm,
      bias: ofTerm,
      gamma: (call) => ofLayerScale(layerNorm(call)),
      beta: (call) => ofLayerBias(layerNorm(call)),
    },
  },
  'com.microsoft.SkipSimplifiedLayerNormalization': {
    shape: skipShapes,
    type: skipTypes,
    unsupported: refused,
    grad: {
      input: ofSimpleTerm,
      skip: ofSimpleTerm,
      bias: ofSimpleTerm,
      gamma: (call) => ofRmsScale({ ...rmsNorm(call), g: ofOutput(call) }),
    },
  },
  SimplifiedLayerNormalization: {
    shape: ({ X: { shape } }) => [shape, shape && [...shape.slice(0, -1), 1]],
    type: ({ X, scale }) => [scale.type, stashType(X.type)],
    unsupported: ({ X }) => unknownRank(X),
    grad: {
      X: (call) => ofSimpleInput(call, call.outputs[1]!)!,
      scale: (call) => ofRmsScale({ ...call, g: call.cotangents[0] ?? call.b.zerosLike(call.y) }),
    },
  },
  'com.microsoft.EmbedLayerNormalization': {
    shape: (call) =>
      [embeddedShape(call), call.input_ids.shape?.slice(0, 1), embeddedShape(call)].slice(0, call.outputCount),
    type: ({ word_embedding: { type } }) => [type, 'int32', type],
    unsupported: ({ input_ids, word_embedding, position_embedding, segment_embedding }) =>
      unknownRank(input_ids, word_embedding, position_embedding, segment_embedding),
    lower: (call) => {
      const { gamma, beta, attributes, b } = call;
      const sum = embedded(call);
      return [normalize(b, sum, gamma, beta, attributes.epsilon), undefined, sum];
    },
  },
});
