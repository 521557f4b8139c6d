// The backward pass of most classifiers begins with the cotangent times the weights of the last layer. A cotangent is zero but for a class or two, and the
// runtime would read all rows of that matrix for it: the product is taken here, of the rows that count.
import { extract, type Initializer, type Model } from '@saywhy/autodiff';
import type { Floats } from '../methods/method.js';
import { constantOf } from '../model/head.js';

/** A backward part, and what it is fed for a cotangent. */
export interface Backward {
  readonly part: Model;
  start(cotangent: Floats): Readonly<Record<string, Floats>>;
}

/** @param read gives a weight's elements */
export function headShortcut(
  backward: Model,
  cotangent: string,
  read: (weight: Initializer) => Float32Array,
): Backward | undefined {
  const { graph } = backward;
  const [node, ...others] = (graph.consumers.get(cotangent) ?? []).filter(({ opType }) => opType !== 'Shape');
  if (!node || others.length > 0 || node.opType !== 'Gemm' || node.inputs[0] !== cotangent || node.inputs[2]) return;
  const { transA = 0, transB = 0, alpha = 1 } = node.attributes;
  const weight = constantOf(backward, node.inputs[1]!);
  const input = node.outputs[0]!;
  if (!weight || transA !== 0 || typeof alpha !== 'number' || graph.outputs.some(({ name }) => name === input)) return;
  const [rows, columns] = weight.shape as [number, number];
  const [classes, channels] = transB === 1 ? [columns, rows] : [rows, columns];
  const [byClass, byChannel] = transB === 1 ? [1, columns] : [columns, 1];
  const values = read(weight);
  const product = (cotangent: Float32Array) => {
    const sum = new Float32Array(channels);
    for (let k = 0; k < classes; k++) {
      const factor = alpha * cotangent[k]!;
      if (factor === 0) continue;
      for (let c = 0, at = k * byClass; c < channels; c++, at += byChannel) sum[c]! += factor * values[at]!;
    }
    return { data: sum, shape: [1, channels] };
  };
  const part = extract(backward, { inputs: [input], outputs: graph.outputs.map(({ name }) => name) });
  // Its size may still be asked for, where the batch is known at run time only.
  const asked = part.graph.inputs.some(({ name }) => name === cotangent);
  return { part, start: (given) => ({ [input]: product(given.data), ...(asked && { [cotangent]: given }) }) };
}
