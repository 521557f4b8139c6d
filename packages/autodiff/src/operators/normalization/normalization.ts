import type { Builder } from '../../builder/builder.js';
import { type Backward, type Call, operators, type Tensor } from '../record.js';
import { resolveAxis, same, spatialAxes, unknownRank } from '../shapes.js';
import { layerNormalization, rmsNormalization } from './layer-normalization.js';
import { lrn } from './lrn.js';
import { standardize, standardized, stashType, throughStandardization } from './standardize.js';

/** [C] as [C, 1, ...], to be broadcast over [N, C, ...]. */
function perChannel(b: Builder, parameter: Tensor, x: Tensor): Tensor {
  return b.unsqueeze(
    parameter,
    spatialAxes(x).map((axis) => axis - 1),
  );
}

/** Sums what has the shape of x over all but the channels. */
function sumPerChannel(b: Builder, summed: Tensor, x: Tensor): Tensor {
  return b.sum(summed, [0, ...spatialAxes(x)], false);
}

type BatchNorm = Backward<'BatchNormalization'>;

/** scale / deviation: what the operator multiplies each channel by. */
function factor({ scale, input_var, attributes: { epsilon }, b }: BatchNorm): Tensor {
  return b.div(b.cast(scale, input_var.type), b.sqrt(b.add(input_var, epsilon)));
}

/** The sum over all but the channels of g (x - mean). */
function alongCentered({ X, g, input_mean, b }: BatchNorm): Tensor {
  const centered = b.sub(X, b.cast(perChannel(b, input_mean, X), X.type));
  return b.cast(sumPerChannel(b, b.mul(g, centered), X), input_mean.type);
}

function refusedBatchNorm({ X, opset, outputCount, attributes }: Call<'BatchNormalization'>): string | undefined {
  if (attributes.training_mode || (opset < 14 && outputCount > 1))
    return 'it is in training mode; export the model after model.eval()';
  const { spatial } = attributes as { readonly spatial?: number };
  return spatial === 0 ? 'it normalizes each position (spatial = 0); export with opset 9 or later' : unknownRank(X);
}

/** The input and the cotangent of a normalization of each sample's channels, in the type of its statistics. */
function instance({ input, g, attributes: { epsilon }, b }: Backward<'InstanceNormalization'>) {
  const type = stashType(input.type);
  return { g: b.cast(g, type), normal: standardize(b, b.cast(input, type), spatialAxes(input), epsilon) };
}

type GroupNorm = Backward<'GroupNormalization'>;

/** [N, C, ...] as [N, groups, the rest]. */
function grouped({ attributes, b }: GroupNorm, x: Tensor): Tensor {
  return b.reshape(x, [0, attributes.num_groups!, -1]);
}

/** The same for groups of channels. The scale is one for each group at opset 18, for each channel from 21. */
function group(call: GroupNorm) {
  const { X, g, b } = call;
  const type = stashType(X.type);
  // The schema of opset 18 is deprecated, and so is not read: its default is stated here.
  const epsilon = call.attributes.epsilon ?? 1e-5;
  return { g: b.cast(g, type), normal: standardize(b, grouped(call, b.cast(X, type)), [2], epsilon) };
}

function scaledByGroup(call: GroupNorm, g: Tensor): Tensor {
  const { X, b } = call;
  const scale = b.cast(call.scale, g.type);
  return call.opset < 21
    ? b.mul(grouped(call, g), b.unsqueeze(scale, [1]))
    : grouped(call, b.mul(g, perChannel(b, scale, X)));
}

/** Sums something of the grouped shape over what shares an element of scale or bias. */
function sumOfGroups(call: GroupNorm, x: Tensor): Tensor {
  const { X, b } = call;
  return call.opset < 21 ? b.sum(x, [0, 2], false) : sumPerChannel(b, b.reshapeLike(x, X), X);
}

export const normalization = operators({
  BatchNormalization: {
    shape: same,
    unsupported: refusedBatchNorm,
    grad: {
      X: (call) => call.b.mul(call.g, call.b.cast(perChannel(call.b, factor(call), call.X), call.g.type)),
      scale: (call) => {
        const { input_var, attributes, scale, b } = call;
        const sum = b.cast(alongCentered(call), input_var.type);
        return b.cast(b.div(sum, b.sqrt(b.add(input_var, attributes.epsilon))), scale.type);
      },
      B: ({ g, X, B, b }) => b.cast(sumPerChannel(b, g, X), B.type),
      input_mean: (call) => {
        const { g, X, input_mean, b } = call;
        const sum = b.cast(sumPerChannel(b, g, X), input_mean.type);
        return b.neg(b.mul(sum, b.cast(factor(call), input_mean.type)));
      },
      input_var: (call) => {
        const { input_var, attributes, b } = call;
        const sum = b.cast(alongCentered(call), input_var.type);
        return b.mul(b.mul(sum, factor(call)), b.div(-0.5, b.add(input_var, attributes.epsilon)));
      },
    },
  },
  InstanceNormalization: {
    shape: same,
    unsupported: ({ input }) => unknownRank(input),
    grad: {
      input: (call) => {
        const { input, scale, b } = call;
        const { g, normal } = instance(call);
        const h = b.mul(g, b.cast(perChannel(b, scale, input), g.type));
        return b.cast(throughStandardization(b, h, normal), input.type);
      },
      scale: (call) => {
        const { input, scale, b } = call;
        const { g, normal } = instance(call);
        return b.cast(sumPerChannel(b, b.mul(g, standardized(b, normal)), input), scale.type);
      },
      B: ({ g, input, b }) => sumPerChannel(b, g, input),
    },
  },
  GroupNormalization: {
    shape: same,
    unsupported: ({ X }) => unknownRank(X),
    grad: {
      X: (call) => {
        const { g, normal } = group(call);
        const moved = throughStandardization(call.b, scaledByGroup(call, g), normal);
        return call.b.cast(call.b.reshapeLike(moved, call.X), call.X.type);
      },
      scale: (call) => {
        const { g, normal } = group(call);
        const product = call.b.mul(grouped(call, g), standardized(call.b, normal));
        return call.b.cast(sumOfGroups(call, product), call.scale.type);
      },
      bias: (call) => call.b.cast(sumOfGroups(call, grouped(call, call.g)), call.bias.type),
    },
  },
  LayerNormalization: layerNormalization,
  RMSNormalization: rmsNormalization,
  LRN: lrn,
  MeanVarianceNormalization: {
    shape: same,
    unsupported: ({ X }) => unknownRank(X),
    grad: {
      X: ({ X, g, attributes: { axes }, b }) => {
        const type = stashType(X.type);
        const all = axes.map((axis) => resolveAxis(axis, X.shape!.length));
        // The operator adds 1e-9 to the deviation.
        const normal = standardize(b, b.cast(X, type), all, 1e-18);
        return b.cast(throughStandardization(b, b.cast(g, type), normal), X.type);
      },
    },
  },
  LpNormalization: {
    shape: same,
    kink: 'of zeros: as if their norm were 1',
    unsupported: ({ attributes: { p } }) => (p === 1 || p === 2 ? undefined : `its p is ${p}; ONNX has 1 and 2`),
    lower: ({ input, attributes: { axis, p }, b }) => {
      const norm = b.emit(p === 1 ? 'ReduceL1' : 'ReduceL2', [input, b.integers([axis])], { keepdims: 1 });
      return b.div(input, b.add(norm, b.indicator(b.equal(norm, 0), norm)));
    },
  },
});
