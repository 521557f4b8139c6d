// Recurrent layers as the loops that they are: the inputs of all steps are multiplied by the weights at once, then a cell goes from step to step. A known, small
// number of steps is written out; any other is a Loop.
import type { Builder } from '../../builder/builder.js';
import type { Dimension, Shape } from '../../model/types.js';
import { emitLoop } from '../../subgraphs/loops.js';
import { type AnyCall, operators, type Tensor } from '../record.js';
import { unknownRank } from '../shapes.js';
import { reversed, sizeAt } from '../tensors/placing.js';
import { activationsOf, type Cell, gru, lstm, ofDirection, type Recurrent, rnn } from './recurrent-cells.js';

/** Steps that are written out at most. */
const MAX_UNROLLED = 32;

type Kind = (call: Recurrent, b: Builder, direction: number) => Cell;

function directionsOf({ attributes }: Recurrent): readonly ('forward' | 'reverse')[] {
  const { direction } = attributes;
  return direction === 'bidirectional' ? ['forward', 'reverse'] : [direction === 'reverse' ? 'reverse' : 'forward'];
}

function hiddenSize({ R, attributes }: Recurrent): Dimension {
  return attributes.hidden_size ?? R.shape?.[2] ?? '?';
}

/** [steps, batch, directions, ...] with the batch first where the layout says so. */
function shapesOf(call: Recurrent, outputCount: number): readonly (Shape | undefined)[] {
  const { X, attributes } = call;
  if (X.shape?.length !== 3) return new Array(outputCount).fill(undefined);
  const [first, second] = X.shape as [Dimension, Dimension, Dimension];
  const [directions, size] = [directionsOf(call).length, hiddenSize(call)];
  const all = attributes.layout ? [first, second, directions, size] : [first, directions, second, size];
  const last = attributes.layout ? [first, directions, size] : [directions, second, size];
  return [all, last, last].slice(0, outputCount);
}

function unsupported(call: Recurrent): string | undefined {
  const rankless = unknownRank(call.X, call.W, call.R, call.B, call.P, call.initial_h, call.initial_c);
  if (rankless) return rankless;
  const flat = [call.X, call.W, call.R].find(({ shape }) => shape!.length !== 3);
  if (flat) return `its input "${flat.name}" does not have three axes`;
  if (typeof hiddenSize(call) !== 'number') return 'the size of its state is not known before run time';
  const unknown = activationsOf(call).find((name) => typeof name === 'string');
  return unknown ? `its activation "${unknown}" is not known` : undefined;
}

/** Where the state of a picture stays as it is, since its sequence has ended: by the number of a step. */
type Running = ((b: Builder, step: Tensor) => Tensor) | undefined;

interface Steps {
  /** The states at each step, in the order of time, [steps, batch, size]. */
  readonly all: Tensor;
  readonly last: readonly Tensor[];
}

/** Takes a cell from step to step. */
function run(
  b: Builder,
  cell: Cell,
  projected: Tensor,
  states: readonly Tensor[],
  isReversed: boolean,
  running: Running,
): Steps {
  /** The states behind a step, and what is given out. */
  const step = (inner: Builder, time: Tensor, before: readonly Tensor[]) => {
    const after = cell.step(inner, inner.gather(projected, time, 0), before);
    const mask = running?.(inner, time);
    if (!mask) return { states: after, output: after[0]! };
    return {
      states: after.map((state, index) => inner.where(mask, state, before[index]!)),
      output: inner.keep(after[0]!, mask),
    };
  };
  const count = projected.shape?.[0];
  if (typeof count === 'number' && count <= MAX_UNROLLED) {
    let current = states;
    const outputs: Tensor[] = [];
    for (let index = 0; index < count; index++) {
      const time = isReversed ? count - 1 - index : index;
      const made = step(b, b.constant('int64', [], [time]), current);
      current = made.states;
      outputs[time] = b.unsqueeze(made.output, [0]);
    }
    return { all: b.concat(outputs, 0), last: current };
  }
  const rounds = b.reshape(sizeAt(b, projected, 0), []);
  const loop = emitLoop(b, {
    rounds,
    states,
    body: (inner, index, current) => {
      const one = inner.constant('int64', [], [1]);
      const made = step(inner, isReversed ? inner.sub(inner.sub(rounds, one), index) : index, current);
      return { states: made.states, stacked: [made.output] };
    },
  });
  return { all: isReversed ? reversed(b, loop.stacked[0]!, [0]) : loop.stacked[0]!, last: loop.states };
}

/** The number of steps of each picture's own sequence, where they differ. */
function lengthsOf(b: Builder, { sequence_lens }: Recurrent, x: Tensor) {
  if (!sequence_lens) return undefined;
  const counts = b.cast(sequence_lens, 'int64');
  const column = b.concat([sizeAt(b, x, 1), b.integers([1])], 0);
  const zero = b.constant('int64', [], [0]);
  return {
    running: (inner: Builder, time: Tensor) => inner.reshape(inner.greater(counts, time), column),
    /** A state of zeros where there was no step. */
    unlessEmpty: (state: Tensor) => b.keep(state, b.reshape(b.greater(counts, zero), column)),
    /** Turns each sequence around, not the padding behind it. */
    turned: (tensor: Tensor) => {
      const some = b.where(b.greater(counts, zero), counts, b.constant('int64', [], [1]));
      return b.emit('ReverseSequence', [tensor, some], { time_axis: 0, batch_axis: 1 });
    },
  };
}

function oneDirection(
  b: Builder,
  call: Recurrent,
  kind: Kind,
  x: Tensor,
  direction: number,
  isReversed: boolean,
): Steps {
  const { initial_h, initial_c, attributes } = call;
  const cell = kind(call, b, direction);
  const lengths = lengthsOf(b, call, x);
  const product = b.matmul(lengths && isReversed ? lengths.turned(x) : x, cell.weights);
  const projected = cell.bias ? b.add(product, cell.bias) : product;
  const shape = b.concat([sizeAt(b, x, 1), b.integers([hiddenSize(call) as number])], 0);
  const states = [initial_h, initial_c]
    .slice(0, cell.states)
    .map((initial) =>
      initial
        ? b.reshape(ofDirection(b, initial, direction, attributes.layout ? 1 : 0), shape)
        : b.expand(b.scalar(0, x), shape),
    );
  const { all, last } = run(b, cell, projected, states, isReversed && !lengths, lengths?.running);
  return lengths ? { all: isReversed ? lengths.turned(all) : all, last: last.map(lengths.unlessEmpty) } : { all, last };
}

/** Every direction, its results side by side. */
function lowered(call: AnyCall & Recurrent & { readonly b: Builder }, kind: Kind): readonly Tensor[] {
  const { X, attributes, b, outputCount } = call;
  const isBatchFirst = attributes.layout === 1;
  const x = isBatchFirst ? b.transpose(X, [1, 0, 2]) : X;
  const directions = directionsOf(call).map((direction, index) =>
    oneDirection(b, call, kind, x, index, direction === 'reverse'),
  );
  // [steps, directions, batch, size]
  const all = b.concat(
    directions.map((steps) => b.unsqueeze(steps.all, [1])),
    1,
  );
  const count = directions[0]!.last.length;
  const last = Array.from({ length: count }, (_, index) =>
    b.concat(
      directions.map((steps) => b.unsqueeze(steps.last[index]!, [0])),
      0,
    ),
  );
  const results = isBatchFirst
    ? [b.transpose(all, [2, 0, 1, 3]), ...last.map((state) => b.transpose(state, [1, 0, 2]))]
    : [all, ...last];
  return results.slice(0, outputCount);
}

function recurrent(kind: Kind) {
  return {
    shape: (call: AnyCall & Recurrent) => shapesOf(call, call.outputCount),
    type: ({ X, outputCount }: AnyCall & Recurrent) => new Array(outputCount).fill(X.type),
    unsupported,
    lower: (call: AnyCall & Recurrent & { readonly b: Builder }) => lowered(call, kind),
  };
}

export const recurrentLayers = operators({ RNN: recurrent(rnn), GRU: recurrent(gru), LSTM: recurrent(lstm) });
