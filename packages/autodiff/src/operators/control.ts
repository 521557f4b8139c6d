// Operators that hold graphs. What they do with these is in subgraphs/; their gradients are made by the walk, which goes through the graphs as well.
import { inferBranches, inferIteration, iterationOf, whyClosed } from '../subgraphs/calls.js';
import { type AnyCall, operators } from './record.js';
import { unknownRank } from './shapes.js';

type Results = ReturnType<typeof inferBranches>;
const found = new WeakMap<object, Results>();

/** The shapes and types of results that are found out once a call. */
function results(opType: string, infer: (call: AnyCall) => Results) {
  const of = (call: AnyCall): Results => {
    const unknown = () => new Array<Results[number]>(call.outputCount).fill({ type: 'other' });
    const result = found.get(call) ?? (whyClosed(opType, call) ? unknown() : infer(call));
    found.set(call, result);
    return result;
  };
  return {
    holdsGraphs: true as const,
    shape: (call: AnyCall) => of(call).map(({ shape }) => shape),
    type: (call: AnyCall) => of(call).map(({ type }) => type),
  };
}

function loop(opType: string) {
  return {
    ...results(opType, (call) => inferIteration(opType, call)),
    unsupported: (call: AnyCall) => irregularity(opType, call),
    note: 'run forwards once more, for what each round began with',
  };
}

/** Why a loop cannot be run backwards: what its rounds began with is kept in one tensor, so that it must have one shape. */
function irregularity(opType: string, call: AnyCall): string | undefined {
  const { states, slices } = iterationOf(opType, call);
  const unknown = unknownRank(...slices.map(({ whole }) => whole));
  if (unknown) return unknown;
  const changed = states.find(
    ({ initial, type }) =>
      !type.shape || !initial.shape || type.shape.some((size, axis) => size !== initial.shape![axis]),
  );
  return (
    changed &&
    `the shape of its state "${changed.input}" may differ from round to round, or is not known; export the model with the loop unrolled`
  );
}

export const control = operators({ If: results('If', inferBranches), Loop: loop('Loop'), Scan: loop('Scan') });
