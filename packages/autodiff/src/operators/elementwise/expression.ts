// Expressions over the nodes of a graph, for recognising the several nodes that an exporter writes for one function. Each is a small matcher; they compose.
import type { Graph, Node } from '../../model/types.js';
import type { Tensor } from '../record.js';
import { numbersOf } from '../shapes.js';

export interface Match {
  /** Tensors by the names that the expression gives them. */
  readonly named: Readonly<Record<string, string>>;
  /** Tensors made inside the expression. */
  readonly inner: readonly string[];
}

export interface InferredGraph {
  readonly graph: Graph;
  readonly tensors: ReadonlyMap<string, Tensor>;
}

/** Whether a tensor is computed so, given what was matched before: the match with what was added. */
export type Expression = (tensor: string, around: InferredGraph, match: Match) => Match | undefined;

/** Relative difference at which a constant counts as the one that is meant: files hold it in few digits. */
const PRECISION = 1e-4;
const commutative = new Set(['Add', 'Mul']);

/** Any tensor, but the same one wherever the name stands. */
export function variable(name: string): Expression {
  return (tensor, _, match) => ((match.named[name] ?? tensor) === tensor ? named(match, name, tensor) : undefined);
}

/** One number, known before anything runs. */
export function constant(value: number): Expression {
  return (tensor, { tensors }, match) => {
    const known = numbersOf(tensors.get(tensor));
    const isIt = known?.length === 1 && Math.abs(known[0]! - value) <= PRECISION * Math.abs(value);
    return isIt ? match : undefined;
  };
}

/** Whatever number, known before anything runs. */
export function anyConstant(name: string): Expression {
  return (tensor, { tensors }, match) =>
    numbersOf(tensors.get(tensor))?.length === 1 ? named(match, name, tensor) : undefined;
}

/** The first of several that matches. */
export function either(...choices: readonly Expression[]): Expression {
  return (tensor, around, match) => {
    for (const choice of choices) {
      const found = choice(tensor, around, match);
      if (found) return found;
    }
    return undefined;
  };
}

/** What a standard operator makes of its operands, in either order where that is the same; `when` says more of the node. */
export function of(
  opType: string,
  operands: readonly Expression[],
  when: (node: Node) => boolean = () => true,
): Expression {
  return (tensor, around, match) => {
    const node = around.graph.producers.get(tensor);
    if (!node || node.opType !== opType || node.domain !== '' || node.inputs.length !== operands.length || !when(node))
      return undefined;
    const orders = commutative.has(opType) ? [node.inputs, [...node.inputs].reverse()] : [node.inputs];
    return either(...orders.map((inputs) => inOrder(operands, inputs)))(tensor, around, {
      ...match,
      inner: [...match.inner, tensor],
    });
  };
}

/** An expression whose tensor gets a name. */
export function as(name: string, expression: Expression): Expression {
  return (tensor, around, match) => {
    const found = expression(tensor, around, match);
    return found && named(found, name, tensor);
  };
}

function inOrder(operands: readonly Expression[], inputs: readonly string[]): Expression {
  return (_, around, match) =>
    operands.reduce<Match | undefined>(
      (found, operand, index) => found && operand(inputs[index]!, around, found),
      match,
    );
}

function named(match: Match, name: string, tensor: string): Match {
  return { ...match, named: { ...match.named, [name]: tensor } };
}
