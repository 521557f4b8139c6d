import type { Dimension } from '../model/types.js';
import { operators, type Tensor } from './record.js';
import { numbersOf, resolveAxis } from './shapes.js';

interface Reduction {
  readonly data: Tensor;
  readonly axes: Tensor | undefined;
  readonly attributes: { readonly keepdims: number; readonly noop_with_empty_axes: number };
}

/** The axes that a reduction sums over, none negative; undefined where they are not known before run time. */
export function reducedAxes({ data, axes, attributes }: Reduction): readonly number[] | undefined {
  const rank = data.shape?.length;
  if (rank === undefined) return undefined;
  if (axes && !axes.value && axes.shape?.[0] !== 0) return undefined;
  const list = numbersOf(axes) ?? [];
  if (list.length === 0) return attributes.noop_with_empty_axes ? [] : Array.from({ length: rank }, (_, axis) => axis);
  return list.map((axis) => resolveAxis(axis, rank));
}

function reducedShape(call: Reduction): readonly Dimension[] | undefined {
  const axes = reducedAxes(call);
  const { shape } = call.data;
  if (!shape) return undefined;
  if (!axes) return call.attributes.keepdims ? shape.map(() => '?') : undefined;
  return call.attributes.keepdims
    ? shape.map((size, axis) => (axes.includes(axis) ? 1 : size))
    : shape.filter((_, axis) => !axes.includes(axis));
}

export const reductions = operators({
  ReduceSum: {
    shape: reducedShape,
    grad: {
      data: (call) =>
        call.b.expand(
          call.b.restoreAxes(call.g, reducedAxes(call) ?? [], call.attributes.keepdims, call.data.shape?.length ?? 0),
          call.b.shape(call.data),
        ),
    },
  },
});
