// Several nodes that are one function. They are recognised in the walk's view only: the forward graph stays as it is, for the runtime to fuse.
import type { Graph, Node } from '../model/types.js';
import type { AnyBackward, AnyOperator, Tensor } from './record.js';
import { same } from './shapes.js';

export interface Pattern {
  readonly name: string;
  /** Names of the step's inputs, in the order that `match` gives them. */
  readonly formals: readonly string[];
  /** The tensors that the pattern reads, if a node ends it. */
  readonly match: (node: Node, graph: Graph) => readonly string[] | undefined;
  readonly operator: AnyOperator;
}

/** x * sigmoid(x), which PyTorch calls SiLU: from y = x s, dy/dx = y + s (1 - y), in fewer passes over memory than the product rule. */
const silu: Pattern = {
  name: 'Silu',
  formals: ['X', 'S'],
  match(node, graph) {
    if (node.opType !== 'Mul' || node.domain !== '') return undefined;
    for (const [x, s] of [node.inputs, [...node.inputs].reverse()]) {
      const sigmoid = graph.producers.get(s!);
      if (sigmoid?.opType === 'Sigmoid' && sigmoid.domain === '' && sigmoid.inputs[0] === x) return [x!, s!];
    }
    return undefined;
  },
  operator: {
    shape: same,
    activation: true,
    grad: {
      X: ({ g, y, inputs, b }: AnyBackward) => {
        const s = inputs[1] as Tensor;
        return b.mul(g, b.add(y, b.mul(s, b.sub(1, y))));
      },
    },
  },
};

export const patterns: readonly Pattern[] = [silu];
