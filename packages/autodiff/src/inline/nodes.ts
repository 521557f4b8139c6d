// Nodes as messages, for what is written out in the place of a node.

import type { NodeProto, TensorProto } from 'onnx-buf';
import { create } from '../model/messages.js';
import { AttributeProtoSchema, Kind, NodeProtoSchema } from '../model/onnx.js';
import { makeTensor } from '../model/tensor-data.js';

export function identity(input: string, output: string): NodeProto {
  return create(NodeProtoSchema, { name: `${output}/Identity`, opType: 'Identity', input: [input], output: [output] });
}

export function constant(output: string, value: TensorProto): NodeProto {
  const attribute = [create(AttributeProtoSchema, { name: 'value', type: Kind.TENSOR, t: value })];
  return create(NodeProtoSchema, { name: `${output}/Constant`, opType: 'Constant', output: [output], attribute });
}

export function concatenated(parts: readonly string[], output: string, axis: number): NodeProto {
  const attribute = [integer('axis', axis)];
  return create(NodeProtoSchema, {
    name: `${output}/Concat`,
    opType: 'Concat',
    input: [...parts],
    output: [output],
    attribute,
  });
}

export function integer(name: string, value: number) {
  return create(AttributeProtoSchema, { name, type: Kind.INT, i: BigInt(value) });
}

/** A tensor with one more axis, or (Squeeze) one less, as an opset has it. */
export function unsqueezed(
  input: string,
  output: string,
  axis: number,
  opset: number,
  opType: 'Unsqueeze' | 'Squeeze' = 'Unsqueeze',
): NodeProto[] {
  return withList(opType, [input], [output], 'axes', [axis], opset, []);
}

/** A node with a list of integers that is an attribute below opset 13 and its last input from there on. */
export function withList(
  opType: string,
  input: readonly string[],
  output: readonly string[],
  list: string,
  values: readonly number[],
  opset: number,
  attribute: NodeProto['attribute'],
): NodeProto[] {
  const name = `${output[0]}/${opType}`;
  if (opset < 13) {
    const numbers = create(AttributeProtoSchema, { name: list, type: Kind.INTS, ints: values.map(BigInt) });
    return [
      create(NodeProtoSchema, {
        name,
        opType,
        input: [...input],
        output: [...output],
        attribute: [numbers, ...attribute],
      }),
    ];
  }
  const numbers = `${output[0]}/${list}`;
  return [
    constant(numbers, makeTensor('', 'int64', [values.length], values)),
    create(NodeProtoSchema, {
      name,
      opType,
      input: [...input, numbers],
      output: [...output],
      attribute: [...attribute],
    }),
  ];
}
