// The gradients of nodes that hold graphs. Each is such a node again: the gradient of an If is an If between the gradients of its branches; that of a loop is
// a loop that goes the other way, over what each round of the first began with.
import type { Builder } from '../builder/builder.js';
import { asReal, isFloating } from '../model/types.js';
import type { StepBackward, Tensor } from '../operators/record.js';
import { reversed, sizeAt } from '../operators/tensors/placing.js';
import { branchesOf, type Iteration, iterationOf, type Sliced } from './calls.js';
import { emitLoop } from './loops.js';

/** The cotangents of tensors by their names; a tensor may stand there twice. */
export type Cotangents = readonly (readonly [name: string, cotangent: Tensor])[];

/** The walk through the graph of a builder: from the cotangents of what it gives to those of some of its inputs, zeros where no way leads to one. */
export type WalkWithin = (inner: Builder, seeds: Cotangents, targets: readonly string[]) => readonly Tensor[];

/** The cotangents of some of the tensors that a node with graphs reads: its inputs and what its graphs capture. */
export function throughGraphs(
  opType: string,
  call: StepBackward,
  targets: readonly string[],
  walk: WalkWithin,
): Cotangents {
  return opType === 'If' ? throughBranches(call, targets, walk) : throughRounds(opType, call, targets, walk);
}

function throughBranches(call: StepBackward, targets: readonly string[], walk: WalkWithin): Cotangents {
  const { b, inputs, cotangents } = call;
  const name = b.reserve('If');
  const [yes, no] = branchesOf(call).map((branch, index) => {
    const inner = b.within(branch, `${name}/${index === 0 ? 'then' : 'else'}/`);
    const seeds = branch.graph.outputs.flatMap((output, position) => pair(output.name, cotangents[position]));
    return inner.graph([], walk(inner, seeds, targets));
  });
  const types = targets.map((target) => asReal(b.tensor(target)));
  const results = b.emitGraphs('If', name, [inputs[0]], { then_branch: yes, else_branch: no }, types);
  return targets.map((target, index) => [target, results[index]!]);
}

function pair(name: string, cotangent: Tensor | undefined): Cotangents {
  return cotangent ? [[name, cotangent]] : [];
}

function throughRounds(opType: string, call: StepBackward, targets: readonly string[], walk: WalkWithin): Cotangents {
  const { b, cotangents } = call;
  const iteration = iterationOf(opType, call);
  const { body, states, slices, stacked, round, condition, captures } = iteration;
  const { tape, rounds } = taped(opType, call, iteration);
  const carried = states.filter(({ type }) => isFloating(type.type));
  const captured = captures.filter(({ name }) => targets.includes(name));
  const sliced = slices.filter(({ whole }) => targets.includes(whole.name));
  const one = b.constant('int64', [], [1]);
  const backward = emitLoop(b, {
    rounds,
    model: body,
    states: [
      ...carried.map((state) => cotangents[states.indexOf(state)] ?? b.zerosLike(state.initial)),
      ...captured.map((tensor) => b.zerosLike(asReal(tensor))),
    ],
    body: (inner, index, handedOn) => {
      const at = inner.sub(inner.sub(rounds, one), index);
      /** Where the slice lies that belongs to the round that is gone through. */
      const slice = (whole: Tensor, { axis, isReversed }: Sliced) => inner.gather(whole, isReversed ? index : at, axis);
      for (const [position, { input }] of states.entries()) inner.define(input, inner.gather(tape[position]!, at, 0));
      for (const one of slices) inner.define(one.name, slice(one.whole, one));
      if (round) inner.define(round, at);
      if (condition) inner.define(condition, inner.constant('bool', [], [1]));
      const after: Cotangents = [
        ...carried.map(({ output }, position) => [output, handedOn[position]!] as const),
        ...stacked.flatMap((one, position) => {
          const whole = cotangents[states.length + position];
          return whole ? pair(one.name, slice(whole, one)) : [];
        }),
      ];
      const before = walk(inner, after, [
        ...carried.map(({ input }) => input),
        ...captured.map(({ name }) => name),
        ...sliced.map(({ name }) => name),
      ]);
      const [ofStates, ofCaptures] = [before.slice(0, carried.length), before.slice(carried.length, handedOn.length)];
      return {
        states: [
          ...ofStates,
          ...ofCaptures.map((part, position) => inner.add(handedOn[carried.length + position]!, part)),
        ],
        stacked: before.slice(handedOn.length),
      };
    },
  });
  return [
    ...carried.map(({ initial }, position) => [initial.name, backward.states[position]!] as const),
    ...captured.map(({ name }, position) => [name, backward.states[carried.length + position]!] as const),
    ...sliced.map((one, position) => [one.whole.name, unstacked(b, backward.stacked[position]!, one)] as const),
  ].filter(([name]) => targets.includes(name));
}

/** The slices of a tensor as the loop that goes backwards stacked them, as that tensor has them. */
function unstacked(
  b: Builder,
  stack: Tensor,
  { whole, axis, isReversed }: Sliced & { readonly whole: Tensor },
): Tensor {
  const inOrder = isReversed ? stack : reversed(b, stack, [0]);
  const axes = whole.shape!.map((_, dimension) => dimension);
  // Axis 0 moves to its place.
  return b.transpose(inOrder, [...axes.slice(1, axis + 1), 0, ...axes.slice(axis + 1)]);
}

/** Runs a loop forwards once more, for what each of its rounds began with, stacked along a first axis; and the number of rounds, a scalar. */
function taped(opType: string, call: StepBackward, { body, states, slices, round, condition }: Iteration) {
  const { b, inputs, attributes } = call;
  const name = b.reserve('Recorded');
  const inner = b.within(body, `${name}/`);
  const own = [round, condition].flatMap((input) => (input ? [inner.tensor(input)] : []));
  const formals = [
    ...own,
    ...states.map(({ input }) => inner.tensor(input)),
    ...slices.map((one) => inner.tensor(one.name)),
  ];
  const kept = [...states.map(({ input }) => inner.tensor(input)), ...own.slice(0, 1)];
  const results = [
    ...body.graph.outputs.slice(0, own.length > 0 ? 1 : 0).map((output) => inner.tensor(output.name)),
    ...states.map(({ output }) => inner.tensor(output)),
    ...kept,
  ];
  const { num_scan_inputs, scan_input_axes, scan_input_directions } = attributes;
  const made = b.emitGraphs(
    opType === 'Loop' ? 'Loop' : 'Scan',
    name,
    inputs.slice(0, opType === 'Loop' ? states.length + 2 : formals.length),
    { body: inner.graph(formals, results), num_scan_inputs, scan_input_axes, scan_input_directions },
    [...states.map(({ type }) => type), ...kept.map(({ type, shape }) => ({ type, shape: shape && ['?', ...shape] }))],
  );
  const tape = made.slice(states.length);
  const [first] = slices;
  const count = first ? sizeAt(b, first.whole, first.axis) : sizeAt(b, tape.at(-1)!, 0);
  return { tape, rounds: b.reshape(count, []) };
}
