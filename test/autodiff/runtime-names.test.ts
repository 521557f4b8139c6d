// Files that ONNX Runtime has optimised and written hold weights that it names itself: what it loads as they are, it loads differentiated.
import { differentiate, parseModel } from '@saywhy/autodiff';
import { expect } from 'chai';
import { checkGradients, type GradientCase } from '../support/gradient-check.js';
import { buildModel, floats, integers, type NodeSpec } from '../support/model.js';
import { normal } from '../support/random.js';

const next = normal(7);
const weights = (name: string, shape: readonly number[]) =>
  floats(name, shape, Array.from({ length: shape.reduce((product, size) => product * size, 1) }, next));

/** What the fusion of MatMul and Add leaves, and an LSTM, on whose way back there is another pair for it. */
const nodes: NodeSpec[] = [
  { op: 'Reshape', inputs: ['X', 'gemm_input_shape'], outputs: ['rows'] },
  { op: 'Gemm', inputs: ['rows', 'w', 'b'], outputs: ['gemm'] },
  { op: 'Reshape', inputs: ['gemm', 'gemm_output_shape'], outputs: ['fused'] },
  { op: 'Reshape', inputs: ['fused', 'steps'], outputs: ['sequence'] },
  { op: 'LSTM', inputs: ['sequence', 'W', 'R', 'B'], outputs: ['Y'], attributes: { hidden_size: 2 } },
];
const test: GradientCase = {
  opset: 17,
  nodes,
  inputs: { X: { shape: [2, 3, 4] } },
  initializers: [
    integers('gemm_input_shape', [2], [6, 4]),
    weights('w', [4, 5]),
    weights('b', [5]),
    integers('gemm_output_shape', [4], [2, 1, 3, 5]),
    integers('steps', [3], [2, 3, 5]),
    weights('W', [1, 8, 5]),
    weights('R', [1, 8, 2]),
    weights('B', [1, 16]),
  ],
};

describe('weights that the runtime has named', () => {
  it('are out of the way of its next fusion', () => checkGradients(test));

  it('get another name, and what reads them with them', () => {
    const model = parseModel(
      buildModel({
        opset: 17,
        inputs: [{ name: 'X', shape: [2, 3, 4] }],
        outputs: [{ name: 'Y', shape: [2, 1, 3, 2] }],
        nodes,
        initializers: test.initializers,
      }),
    );
    const { graph } = differentiate(model, { of: 'Y', wrt: ['X'] });
    const names = [...graph.initializers.keys(), ...graph.nodes.flatMap(({ inputs }) => inputs)];
    expect(names.filter((name) => name.startsWith('gemm_'))).to.deep.equal([]);
    expect(graph.initializers.get('forward/gemm_output_shape')!.proto.dims).to.deep.equal([4n]);
  });
});
