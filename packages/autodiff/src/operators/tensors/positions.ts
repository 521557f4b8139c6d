// Picking and writing elements by lists of positions, whatever the opset has for it.
import type { Builder } from '../../builder/builder.js';
import { exists } from '../../schema/read.js';
import { MAX_RANK } from '../limits.js';
import type { Tensor } from '../record.js';
import { resolveAxis } from '../shapes.js';
import { range, sizeAt } from './placing.js';

/** Writes elements along one axis; below opset 11 the operator has another name. */
export function scatterElements(b: Builder, data: Tensor, indices: Tensor, updates: Tensor, axis: number): Tensor {
  return b.emit(exists('ScatterElements', b.opset) ? 'ScatterElements' : 'Scatter', [data, indices, updates], { axis });
}

/** Combines elements along one axis with those that are there; float16 as float32, for onnxruntime's CPU provider does not for float16. */
export function reduceElements(
  b: Builder,
  data: Tensor,
  indices: Tensor,
  updates: Tensor,
  axis: number,
  reduction: string,
): Tensor {
  const wide = (x: Tensor) => (x.type === 'float16' ? b.cast(x, 'float32') : x);
  return b.cast(b.emit('ScatterElements', [wide(data), indices, wide(updates)], { axis, reduction }), data.type);
}

/** Picks elements along one axis; below opset 11, which cannot, from the flattened tensor. */
export function gatherElements(b: Builder, data: Tensor, indices: Tensor, axis: number): Tensor {
  if (exists('GatherElements', b.opset)) return b.emit('GatherElements', [data, indices], { axis });
  const at = resolveAxis(axis, data.shape!.length);
  const positions = data.shape!.map((_, each) =>
    each === at ? b.cast(indices, 'int64') : along(b, sizeAt(b, indices, each), each, data.shape!.length),
  );
  return b.gather(b.reshape(data, [-1]), linear(b, positions, data), 0);
}

/** How many axes of the data an index of GatherND or ScatterND names; undefined where that is not known. */
export function indexedAxes({ shape }: Tensor): number | undefined {
  const count = shape?.at(-1);
  return typeof count === 'number' && count <= MAX_RANK ? count : undefined;
}

/** The indices of GatherND or ScatterND as one number each: the place among the indexed axes seen as one, batch axes in front. */
export function linearPositions(b: Builder, data: Tensor, indices: Tensor, batch = 0): Tensor {
  const last = indices.shape!.length - 1;
  const whole = b.cast(indices, 'int64');
  const positions = Array.from({ length: batch + indexedAxes(indices)! }, (_, axis) => {
    const size = sizeAt(b, data, axis);
    if (axis < batch) return along(b, size, axis, last);
    const given = b.squeeze(b.slice(whole, [axis - batch], [axis - batch + 1], [last]), [last]);
    return b.where(b.less(given, b.integers([0])), b.add(given, size), given);
  });
  return b.reshape(linear(b, positions, data), b.slice(b.shape(indices), [0], [last], [0]));
}

/** The positions along one axis, to be broadcast over the others. */
function along(b: Builder, size: Tensor, axis: number, rank: number): Tensor {
  const others = Array.from({ length: rank }, (_, each) => each).filter((each) => each !== axis);
  return b.unsqueeze(range(b, size), others);
}

function linear(b: Builder, positions: readonly Tensor[], data: Tensor): Tensor {
  return positions.reduce((sum, position, axis) => b.add(b.mul(sum, sizeAt(b, data, axis)), position));
}
