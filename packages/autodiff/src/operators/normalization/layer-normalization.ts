import type { Backward, Operator, Tensor } from '../record.js';
import { resolveAxis, unknownRank } from '../shapes.js';
import { typeCode } from '../tensors/constants.js';
import { standardize, standardized, stashType, throughStandardization } from './standardize.js';

type LayerNorm = Backward<'LayerNormalization'>;

interface Call {
  readonly X: Tensor;
  readonly attributes: { readonly axis: number; readonly epsilon: number };
}

/** From `axis` to the last. */
function normalizedAxes({ X, attributes: { axis } }: Call): number[] {
  const rank = X.shape!.length;
  const first = resolveAxis(axis, rank);
  return Array.from({ length: rank - first }, (_, offset) => first + offset);
}

function refused({ X }: Call): string | undefined {
  return unknownRank(X);
}

function normalOf({ X, attributes, b }: LayerNorm | Backward<'RMSNormalization'>, keepsMean: boolean) {
  const axes = normalizedAxes({ X, attributes });
  return standardize(b, b.cast(X, stashType(X.type)), axes, attributes.epsilon, keepsMean);
}

/** The cotangent of X: what comes through Y, and through the mean and the inverse deviation where something uses those outputs. */
function ofInput(call: LayerNorm): Tensor {
  const { X, Scale, cotangents, b } = call;
  const normal = normalOf(call, false);
  const { centered, inverse, axes } = normal;
  const [g, ofMean, ofInverse] = cotangents.map((cotangent) => cotangent && b.cast(cotangent, centered.type));
  const count = () => b.cast(b.emit('ReduceProd', [b.sizes(X, axes)], { keepdims: 0 }), centered.type);
  const parts = [
    g && throughStandardization(b, b.mul(g, b.cast(Scale, g.type)), normal),
    ofMean && b.expand(b.div(ofMean, count()), b.shape(X)),
    ofInverse && b.mul(centered, b.div(b.mul(ofInverse, b.neg(b.pow(inverse, 3))), count())),
  ].filter((part) => part !== undefined);
  return b.cast(
    parts.reduce((total, part) => b.add(total, part)),
    X.type,
  );
}

/** The cotangent of Y; zeros where only the other outputs are used. */
function ofOutput({ cotangents, y, b }: LayerNorm): Tensor {
  return cotangents[0] ?? b.zerosLike(y);
}

export const layerNormalization: Operator<'LayerNormalization'> = {
  shape: (call) => {
    const statistics = call.X.shape?.map((size, axis) => (normalizedAxes(call).includes(axis) ? 1 : size));
    return Array.from({ length: call.outputCount }, (_, index) => (index === 0 ? call.X.shape : statistics));
  },
  type: ({ X, attributes: { stash_type: code } }) => {
    const stash = typeCode(code, 'float32');
    return [X.type, stash, stash];
  },
  unsupported: refused,
  grad: {
    X: ofInput,
    Scale: (call) => {
      const { Scale, b } = call;
      const normal = standardized(b, normalOf(call, false));
      return b.cast(b.mul(b.cast(ofOutput(call), normal.type), normal), Scale.type);
    },
    B: ofOutput,
  },
};

/** LayerNormalization without the mean (Zhang and Sennrich, 2019). */
export const rmsNormalization: Operator<'RMSNormalization'> = {
  shape: ({ X }) => X.shape,
  type: ({ scale }) => scale.type,
  unsupported: refused,
  grad: {
    X: (call) => {
      const { X, scale, g, b } = call;
      const normal = normalOf(call, true);
      const h = b.mul(b.cast(g, normal.centered.type), b.cast(scale, normal.centered.type));
      return b.cast(throughStandardization(b, h, normal), X.type);
    },
    scale: (call) => {
      const { scale, g, b } = call;
      const normal = standardized(b, normalOf(call, true));
      return b.cast(b.mul(b.cast(g, normal.type), normal), scale.type);
    },
  },
};
