import { type Backward, operators, type Tensor } from '../record.js';
import { resolveAxis, same, unknownRank } from '../shapes.js';

interface Call {
  readonly input: Tensor;
  readonly opset: number;
  readonly attributes: { readonly axis: number };
}

/** The axes that are normalised together: one from opset 13, before that the axis and all behind it. */
function normalisedAxes({ input, opset, attributes: { axis } }: Call): number[] {
  const rank = input.shape?.length;
  if (opset >= 13 || axis === -1) return [rank === undefined ? axis : resolveAxis(axis, rank)];
  const first = resolveAxis(axis, rank ?? 0);
  return Array.from({ length: (rank ?? 0) - first }, (_, offset) => first + offset);
}

function unsupported(call: Call): string | undefined {
  return call.opset < 13 && call.attributes.axis !== -1 ? unknownRank(call.input) : undefined;
}

export const softmax = operators({
  Softmax: {
    shape: same,
    unsupported,
    grad: {
      input: (call: Backward<'Softmax'>) => {
        const { g, y, b } = call;
        return b.mul(y, b.sub(g, b.sum(b.mul(g, y), normalisedAxes(call))));
      },
    },
  },
  LogSoftmax: {
    shape: same,
    unsupported,
    grad: {
      input: (call: Backward<'LogSoftmax'>) => {
        const { g, y, b } = call;
        return b.sub(g, b.mul(b.exp(y), b.sum(g, normalisedAxes(call))));
      },
    },
  },
});
