// Which nodes the gradients are made of: what was measured to be fastest, and nothing needless around it.
import { differentiate, parseModel } from '@saywhy/autodiff';
import { expect } from 'chai';
import { type Attribute, buildModel, floats } from '../../../support/model.js';

type Attributes = Readonly<Record<string, Attribute>>;

/** The operators that lead from the cotangent to the gradient of X, besides constants (weights of few elements are flipped right here) and the naming of the output. */
function added(op: string, x: readonly number[], w: readonly number[] | undefined, attributes: Attributes): string[] {
  const model = parseModel(
    buildModel({
      opset: 17,
      inputs: [{ name: 'X', shape: x }],
      outputs: [{ name: 'Y' }],
      nodes: [{ op, inputs: w ? ['X', 'W'] : ['X'], outputs: ['Y'], attributes }],
      initializers: w ? [floats('W', w, new Array(w.reduce((a, b) => a * b, 1)).fill(0))] : [],
    }),
  );
  const { nodes } = differentiate(model, { of: 'Y', wrt: ['X'] }).graph;
  return nodes
    .slice(1)
    .map(({ opType }) => opType)
    .filter((opType) => opType !== 'Constant' && opType !== 'Identity');
}

describe('nodes of gradients', () => {
  it('a convolution of stride 1 with flipped weights, which the runtime flips when it loads', () => {
    expect(added('Conv', [1, 64, 8, 8], [96, 64, 3, 3], { pads: [1, 1, 1, 1] })).to.deep.equal([
      'Transpose',
      'Slice',
      'Conv',
    ]);
    expect(added('Conv', [1, 512, 8, 8], [512, 1, 3, 3], { group: 512 })).to.deep.equal(['Slice', 'Conv']);
  });
  it('1x1 weights are not reversed', () => {
    expect(added('Conv', [1, 64, 8, 8], [96, 64, 1, 1], {})).to.deep.equal(['Transpose', 'Conv']);
  });
  it('one transposed convolution above stride 1', () => {
    const strides = [2, 2];
    expect(added('Conv', [1, 4, 8, 8], [6, 4, 3, 3], { strides })).to.deep.equal(['ConvTranspose']);
    expect(added('Conv', [1, 4, 9, 8], [6, 4, 1, 1], { strides })).to.deep.equal(['ConvTranspose']);
    expect(added('Conv', [1, 4, 8, 8], [4, 1, 3, 3], { strides, group: 4 })).to.deep.equal(['ConvTranspose']);
  });
  it('a depthwise convolution between zeros where the kernel is large, or WebGPU would be wrong', () => {
    const strides = [2, 2];
    for (const w of [
      [4, 1, 5, 5],
      [8, 1, 3, 3],
    ])
      expect(added('Conv', [1, 4, 9, 9], w, { strides, group: 4 }))
        .to.include('Conv')
        .and.not.include('ConvTranspose');
  });
  it('no transposed convolution, no convolution and no scatter for a maximum pool: every provider runs its nodes', () => {
    const nodes = added('MaxPool', [1, 2, 8, 8], undefined, {
      kernel_shape: [3, 3],
      strides: [2, 2],
      pads: [1, 1, 1, 1],
    });
    expect(new Set(nodes)).to.have.all.keys(
      ...['Add', 'Cast', 'Concat', 'Equal', 'MaxPool', 'Mul', 'Pad', 'Reshape', 'Slice', 'Sub', 'Unsqueeze'],
    );
    expect(nodes).to.have.length.at.most(40);
  });
  it('one average pool for an average pool of stride 1', () => {
    expect(added('AveragePool', [1, 2, 8, 8], undefined, { kernel_shape: [3, 3] })).to.deep.equal(['AveragePool']);
  });
  it('a division by a constant and Expand for a global average pool', () => {
    expect(added('GlobalAveragePool', [1, 2, 8, 8], undefined, {})).to.deep.equal(['Div', 'Expand']);
  });
});
