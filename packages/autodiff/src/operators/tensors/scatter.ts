import type { Builder } from '../../builder/builder.js';
import { type Backward, type Call, type Operator, operators, type Tensor } from '../record.js';
import { resolveAxis, unknownRank } from '../shapes.js';
import { range, sizeAt } from './placing.js';
import { gatherElements, indexedAxes, linearPositions, reduceElements, scatterElements } from './positions.js';

type Scatters = 'Scatter' | 'ScatterElements' | 'ScatterND';

/** Writing by positions, and reading what lies there, in the operator's own way of naming positions. */
interface Places {
  readonly write: (data: Tensor, updates: Tensor, reduction?: string) => Tensor;
  readonly read: (data: Tensor) => Tensor;
}
type Scattered = Pick<Backward<'ScatterElements'>, 'data' | 'indices' | 'updates' | 'g' | 'y' | 'b'> & {
  readonly attributes: { readonly reduction?: string };
};
type PlacesOf = (call: Scattered) => Places;

const ofElements: PlacesOf = ({ indices, attributes, b }) => {
  const { axis } = attributes as { readonly axis: number };
  return {
    write: (data, updates, reduction = 'none') =>
      reduction === 'none'
        ? scatterElements(b, data, indices, updates, axis)
        : reduceElements(b, data, indices, updates, axis, reduction),
    read: (data) => gatherElements(b, data, indices, axis),
  };
};

/**
 * Rows are reduced element by element along the flattened axes: onnxruntime 1.30 reduces the rows of ScatterND in several threads at once, and where two
 * fall on one place it now and then loses one.
 */
function reducePoints({ data, indices, b }: Scattered, into: Tensor, updates: Tensor, reduction: string): Tensor {
  const rows = b.reshape(linearPositions(b, data, indices), [-1, 1]);
  const rest = b.slice(b.shape(data), [indexedAxes(indices)!], [data.shape!.length], [0]);
  const columns = b.emit('ReduceProd', [rest], { keepdims: 1 });
  const matrix = (x: Tensor) => b.reshape(x, b.concat([b.integers([-1]), columns], 0));
  const written = matrix(updates);
  const all = b.expand(rows, b.shape(written));
  return b.reshapeLike(reduceElements(b, matrix(into), all, written, 0, reduction), data);
}

const ofPoints: PlacesOf = (call) => ({
  write: (into, updates, reduction = 'none') =>
    reduction === 'none'
      ? call.b.emit('ScatterND', [into, call.indices, updates])
      : reducePoints(call, into, updates, reduction),
  read: (from) => call.b.emit('GatherND', [from, call.indices]),
});

const isZero = (b: Builder, x: Tensor) => b.indicator(b.equal(x, 0), x);

/** What was written over has no part in the result. */
function ofUntouched({ updates, g, b }: Scattered, { write }: Places): Tensor {
  return write(g, b.zerosLike(updates));
}

/** The product of the updates at each position of the data: a 0 counts as 1 in it, so that nothing is divided by 0. */
function ofFactor({ data, updates, g, b }: Scattered, { write }: Places): Tensor {
  const safe = b.add(data, isZero(b, data));
  return b.div(b.mul(g, write(safe, updates, 'mul')), safe);
}

/** The product of the data and the other updates. One 0 among those of a position counts as 1 for itself; beside another, the product is 0. */
function ofWrittenFactor({ data, updates, g, y, b }: Scattered, { write, read }: Places): Tensor {
  const zero = isZero(b, updates);
  const count = read(write(b.zerosLike(data), zero, 'add'));
  const only = b.mul(zero, b.indicator(b.equal(count, 1), updates));
  const withoutIt = read(b.mul(g, write(data, b.add(updates, only), 'mul')));
  const regular = b.div(read(b.mul(g, y)), b.add(updates, zero));
  return b.where(b.greater(only, 0), withoutIt, regular);
}

/** Whatever equals the extreme, data or updates, shares its cotangent equally. */
function ofExtreme({ data, updates, g, y, b }: Scattered, { write, read }: Places, wanted: 'data' | 'updates'): Tensor {
  const kept = b.indicator(b.equal(data, y), data);
  const written = b.indicator(b.equal(updates, read(y)), updates);
  const share = b.div(g, write(kept, written, 'add'));
  return wanted === 'data' ? b.mul(kept, share) : b.mul(written, read(share));
}

function ofData(call: Scattered, places: Places): Tensor {
  const { reduction = 'none' } = call.attributes;
  if (reduction === 'add') return call.g;
  if (reduction === 'mul') return ofFactor(call, places);
  return reduction === 'none' ? ofUntouched(call, places) : ofExtreme(call, places, 'data');
}

function ofUpdates(call: Scattered, places: Places): Tensor {
  const { reduction = 'none' } = call.attributes;
  if (reduction === 'mul') return ofWrittenFactor(call, places);
  return reduction === 'max' || reduction === 'min' ? ofExtreme(call, places, 'updates') : places.read(call.g);
}

const TIES =
  'max and min: all that ties shares the cotangent equally (scatter_reduce); a position written twice without a reduction: to all that was written there';

function scattering<K extends Scatters>(placesOf: PlacesOf, more: Pick<Operator<'ScatterND'>, 'unsupported'> = {}) {
  const operator: Operator<'ScatterND'> = {
    shape: ({ data }) => data.shape,
    kink: TIES,
    grad: {
      data: (call) => ofData(call, placesOf(call)),
      updates: (call) => ofUpdates(call, placesOf(call)),
    },
    ...more,
  };
  return operator as unknown as Operator<K>;
}

type Cache = Call<'TensorScatter'> & { readonly b: Builder };

/** Each sample's update is written from its own index on; a circular cache begins again behind its end. */
function writeCache({ past_cache: cache, update, write_indices, attributes: { axis, mode }, b }: Cache): Tensor {
  const rank = cache.shape!.length;
  const at = resolveAxis(axis, rank);
  const others = (own: number) => cache.shape!.map((_, each) => each).filter((each) => each !== own);
  const offsets = b.unsqueeze(range(b, sizeAt(b, update, at)), others(at));
  const positions = write_indices ? b.add(b.unsqueeze(write_indices, others(0)), offsets) : offsets;
  const within = mode === 'circular' ? b.emit('Mod', [positions, sizeAt(b, cache, at)]) : positions;
  return scatterElements(b, cache, b.expand(within, b.shape(update)), update, at);
}

/** Operators that write into a tensor. */
export const scatter = operators({
  TensorScatter: {
    shape: ({ past_cache }) => past_cache.shape,
    unsupported: ({ past_cache }) => unknownRank(past_cache),
    lower: writeCache,
  },
  ScatterElements: scattering<'ScatterElements'>(ofElements),
  Scatter: scattering<'Scatter'>(ofElements, { unsupported: ({ data }) => unknownRank(data) }),
  ScatterND: scattering<'ScatterND'>(ofPoints, {
    unsupported: ({ data, indices, attributes: { reduction } }) => {
      if (reduction === 'none' || reduction === 'add') return undefined;
      const known = indexedAxes(indices) !== undefined;
      return unknownRank(data) ?? (known ? undefined : `the shape of its indices "${indices.name}" is not known`);
    },
  }),
});
