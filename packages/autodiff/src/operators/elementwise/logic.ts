import { dataTypeName } from '../../model/data-types.js';
import type { Dimension } from '../../model/types.js';
import { operators, type Tensor } from '../record.js';
import { broadcast, resolveAxis, same } from '../shapes.js';
import { elementAt, known, mapBroadcast, mapPositions } from '../tensors/elements.js';

interface Call {
  readonly inputs: readonly (Tensor | undefined)[];
}

/** What a test of two elements gives where they are not both known yet. */
type Undecided = (a: Dimension, b: Dimension) => boolean | undefined;

/** A size is never negative, and equal to one of the same name. */
const ofSizes = {
  equal: (a: Dimension, b: Dimension) => (isSize(a) && a === b ? true : isNegative(a, b) ? false : undefined),
  greater: (a: Dimension, b: Dimension) => (isSize(a) && typeof b === 'number' && b < 0 ? true : undefined),
};

function isSize(element: Dimension): boolean {
  return typeof element === 'string' && element !== '?';
}

function isNegative(a: Dimension, b: Dimension): boolean {
  return (isSize(a) && typeof b === 'number' && b < 0) || (isSize(b) && typeof a === 'number' && a < 0);
}

function comparison(test: (a: number, b: number) => boolean, undecided: Undecided = () => undefined) {
  return {
    shape: broadcast,
    type: () => 'bool' as const,
    value: ({ inputs }: Call) =>
      mapBroadcast(inputs.slice(0, 2), (a, b) => {
        const holds = typeof a === 'number' && typeof b === 'number' ? test(a, b) : undecided(a!, b!);
        return holds === undefined ? '?' : Number(holds);
      }),
    grad: 'none' as const,
  };
}

function rounding(round: (x: number) => number) {
  return {
    shape: same,
    value: ({ inputs }: Call) => inputs[0]?.value?.map((x) => (typeof x === 'number' ? round(x) : '?')),
    grad: 'none' as const,
  };
}

const bitwise = { shape: broadcast, grad: 'none' as const };
const test = { shape: same, type: () => 'bool' as const, grad: 'none' as const };

const argument = {
  type: () => 'int64' as const,
  shape: ({ data: { shape }, attributes }: { data: Tensor; attributes: { axis: number; keepdims: number } }) => {
    if (!shape) return undefined;
    const at = resolveAxis(attributes.axis, shape.length);
    return attributes.keepdims
      ? shape.map((size, axis) => (axis === at ? 1 : size))
      : shape.filter((_, axis) => axis !== at);
  },
  grad: 'none' as const,
};

function roundHalfEven(x: number): number {
  const floor = Math.floor(x);
  return x - floor === 0.5 ? floor + (floor % 2 === 0 ? 0 : 1) : Math.round(x);
}

/** The remainder has the divisor's sign, or with fmod the dividend's. */
function remainder(a: number, b: number, fmod: number): number {
  return fmod ? a % b : a - Math.floor(a / b) * b;
}

/** Comparisons, logic, rounding, positions: functions whose derivative is nowhere other than zero, so that nothing passes back through them. */
export const logic = operators({
  Equal: comparison((a, b) => a === b, ofSizes.equal),
  Greater: comparison((a, b) => a > b, ofSizes.greater),
  Less: comparison(
    (a, b) => a < b,
    (a, b) => ofSizes.greater(b, a),
  ),
  GreaterOrEqual: comparison((a, b) => a >= b, ofSizes.greater),
  LessOrEqual: comparison(
    (a, b) => a <= b,
    (a, b) => ofSizes.greater(b, a),
  ),
  And: comparison((a, b) => a !== 0 && b !== 0),
  Or: comparison((a, b) => a !== 0 || b !== 0),
  Xor: comparison((a, b) => (a !== 0) !== (b !== 0)),
  Not: { shape: same, value: ({ X }) => X.value?.map((x) => (typeof x === 'number' ? Number(!x) : '?')), grad: 'none' },
  IsNaN: test,
  IsInf: test,
  BitwiseAnd: bitwise,
  BitwiseOr: bitwise,
  BitwiseXor: bitwise,
  BitwiseNot: { shape: same, grad: 'none' },
  BitShift: bitwise,
  BitCast: { shape: same, type: ({ attributes: { to } }) => dataTypeName(to ?? 0), grad: 'none' },
  Floor: rounding(Math.floor),
  Ceil: rounding(Math.ceil),
  Round: rounding(roundHalfEven),
  Sign: rounding(Math.sign),
  Mod: {
    shape: broadcast,
    value: ({ A, B, attributes: { fmod } }) =>
      mapBroadcast([A, B], (a, b) => (typeof a === 'number' && typeof b === 'number' ? remainder(a, b, fmod) : '?')),
    kink: 'between the jumps: 1 for the dividend',
    grad: {
      A: ({ g }) => g,
      // a - b trunc(a / b); floating-point operands always have fmod = 1.
      B: ({ g, A, B, y, b }) => b.neg(b.mul(g, b.div(b.sub(A, y), B))),
    },
  },
  ArgMax: argument,
  ArgMin: argument,
  NonZero: {
    type: () => 'int64',
    shape: ({ X }) => {
      const count = X.value?.every((x) => typeof x === 'number') ? X.value.filter((x) => x !== 0).length : '?';
      return [X.shape?.length ?? '?', count];
    },
    value: ({ X }) => {
      const from = known(X);
      if (!from) return undefined;
      const found = mapPositions(from.shape, (position) =>
        elementAt(from, position) === 0 ? [] : [[...position]],
      ).flat();
      return from.shape.flatMap((_, axis) => found.map((position) => position[axis]!));
    },
    grad: 'none',
  },
  OneHot: {
    type: ({ values }) => values.type,
    shape: ({ indices: { shape }, depth, attributes: { axis } }) => {
      if (!shape) return undefined;
      const at = resolveAxis(axis, shape.length + 1);
      return [...shape.slice(0, at), depth.value?.[0] ?? '?', ...shape.slice(at)];
    },
    grad: {
      // What is off has the first value, what is hot the second.
      values: ({ g, indices, depth, values, attributes, b }) => {
        const bits = b.filled([0, 1], [2], values);
        const hot = b.mul(g, b.emit('OneHot', [indices, depth, bits], attributes));
        const total = (x: Tensor) => b.reshape(b.emit('ReduceSum', [x], { keepdims: 0 }), [1]);
        return b.concat([b.sub(total(g), total(hot)), total(hot)], 0);
      },
    },
  },
  Hardmax: { shape: same, grad: 'none' },
  Multinomial: {
    type: () => 'int32',
    shape: ({ input: { shape }, attributes }) => shape && [shape[0] ?? '?', attributes.sample_size],
    grad: 'none',
  },
  ImageDecoder: { type: () => 'uint8', shape: () => ['?', '?', '?'], grad: 'none' },
  NonMaxSuppression: { type: () => 'int64', shape: () => ['?', 3], grad: 'none' },
});
