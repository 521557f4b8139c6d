// The losses of classification: an exported training graph, or a model whose score is a loss.
import type { Builder } from '../../builder/builder.js';
import { operators, type Tensor } from '../record.js';

interface Likelihood {
  readonly logProbabilities: Tensor;
  readonly target: Tensor;
  readonly weight: Tensor | undefined;
  readonly attributes: { readonly ignore_index: number | undefined; readonly reduction: string };
}

/** Minus the log-probability of each target, weighted by its class and summed or averaged over the weights; ignored targets have the weight 0. */
function negativeLogLikelihood(b: Builder, call: Likelihood): Tensor {
  const { logProbabilities, target, weight, attributes } = call;
  const { ignore_index: ignored, reduction } = attributes;
  const counted = ignored === undefined ? undefined : b.not(b.equal(target, ignored));
  const classes = counted ? b.where(counted, target, 0) : target;
  const chosen = b.emit('GatherElements', [logProbabilities, b.unsqueeze(classes, [1])], { axis: 1 });
  const loss = b.neg(b.squeeze(chosen, [1]));
  const ofClass = weight && b.gather(weight, classes, 0);
  const mask = counted && b.indicator(counted, loss);
  const weights = ofClass && mask ? b.mul(ofClass, mask) : (ofClass ?? mask);
  const weighted = weights ? b.mul(loss, weights) : loss;
  if (reduction === 'none') return weighted;
  const all = (x: Tensor) => b.emit('ReduceSum', [x], { keepdims: 0 });
  if (reduction === 'sum') return all(weighted);
  return weights ? b.div(all(weighted), all(weights)) : b.emit('ReduceMean', [loss], { keepdims: 0 });
}

export const losses = operators({
  NegativeLogLikelihoodLoss: {
    shape: ({ target, attributes: { reduction } }) => (reduction === 'none' ? target.shape : []),
    lower: ({ input: logProbabilities, target, weight, attributes, b }) =>
      negativeLogLikelihood(b, { logProbabilities, target, weight, attributes }),
  },
  SoftmaxCrossEntropyLoss: {
    shape: ({ scores, labels, attributes: { reduction } }) => [reduction === 'none' ? labels.shape : [], scores.shape],
    type: ({ scores }) => [scores.type, scores.type],
    // Not LogSoftmax: at opset 12 it would take every axis from the second on.
    lower: ({ scores, labels: target, weights: weight, attributes, b }) => {
      const total = b.emit('ReduceLogSumExp', [scores, b.integers([1])], { keepdims: 1 });
      const logProbabilities = b.sub(scores, total);
      return [negativeLogLikelihood(b, { logProbabilities, target, weight, attributes }), logProbabilities];
    },
  },
});
