// Loops that are emitted: by lowerings, and by the gradients of loops.
import type { Builder } from '../builder/builder.js';
import type { Model } from '../model/types.js';
import type { Tensor } from '../operators/record.js';
import { numbersOf } from '../operators/shapes.js';
import { emptyModel } from './graph-model.js';

export interface Round {
  /** The state for the next round, of the types and shapes that it came with. */
  readonly states: readonly Tensor[];
  /** What is stacked up along a new first axis. */
  readonly stacked: readonly Tensor[];
}

export interface LoopOptions {
  /** How many rounds: a scalar of int64. */
  readonly rounds: Tensor;
  readonly states: readonly Tensor[];
  /** A graph whose nodes stand in the body. */
  readonly model?: Model;
  /** Emits the body into a builder of its own, which may use tensors from outside; `index`, a scalar, counts the rounds from 0. */
  readonly body: (inner: Builder, index: Tensor, states: readonly Tensor[]) => Round;
}

/** Emits a Loop: the last state, and what was stacked. */
export function emitLoop(b: Builder, { rounds, states, model = emptyModel(b.opset), body }: LoopOptions): Round {
  const name = b.reserve('Loop');
  const inner = b.within(model, `${name}/`);
  const index = inner.formal('index', { type: 'int64', shape: [] });
  const condition = inner.formal('condition', { type: 'bool', shape: [] });
  const formals = states.map((state, at) => inner.formal(`state_${at}`, state));
  const round = body(inner, index, formals);
  const always = inner.constant('bool', [], [1]);
  const graph = inner.graph([index, condition, ...formals], [always, ...round.states, ...round.stacked]);
  const count = numbersOf(rounds)?.[0] ?? '?';
  const outputs = b.emitGraphs('Loop', name, [rounds, undefined, ...states], { body: graph }, [
    ...states,
    ...round.stacked.map(({ type, shape }) => ({ type, shape: shape && [count, ...shape] })),
  ]);
  return { states: outputs.slice(0, states.length), stacked: outputs.slice(states.length) };
}
