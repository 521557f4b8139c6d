import { parseModel } from '@saywhy/autodiff';
import { expect } from 'chai';
import { needsChannelsFirst } from '../../packages/core/src/sessions/layout.js';
import { type Attribute, buildModel } from '../support/model.js';

function asksFor(
  op: string,
  weights: readonly (number | string)[],
  attributes: Record<string, Attribute> = {},
): boolean {
  const model = buildModel({
    opset: 17,
    inputs: [
      { name: 'x', shape: [1, 'c', 8, 8] },
      { name: 'w', shape: weights },
    ],
    outputs: [{ name: 'y' }],
    nodes: [{ op, inputs: ['x', 'w'], outputs: ['y'], attributes }],
  });
  return needsChannelsFirst(parseModel(model));
}

// That these are the ones that WebGPU computes wrongly is shown on WebGPU: test/web/native/webgpu.test.ts.
describe('the layout that is asked of WebGPU', () => {
  it('is channels first for convolutions that it computes wrongly with channels last', () => {
    expect(asksFor('Conv', [8, 18, 3, 3])).to.equal(true);
    expect(asksFor('Conv', [8, 18, 1, 1], { strides: [2, 2] })).to.equal(true);
    expect(asksFor('Conv', [8, 18, 1, 1], { pads: [1, 1, 1, 1] })).to.equal(true);
    expect(asksFor('Conv', [12, 4, 3, 3], { group: 2 })).to.equal(true);
    expect(asksFor('ConvTranspose', [12, 1, 3, 3], { group: 2 })).to.equal(true);
    expect(asksFor('Conv', [8, 'c', 3, 3]), 'of a size that is not known').to.equal(true);
  });

  it('is its own for all others', () => {
    for (const channels of [3, 4, 5, 12, 16]) expect(asksFor('Conv', [8, channels, 3, 3])).to.equal(false);
    expect(asksFor('Conv', [6, 18, 3, 3])).to.equal(false);
    expect(asksFor('Conv', [8, 18, 1, 1])).to.equal(false);
    expect(asksFor('Conv', [96, 1, 3, 3], { group: 96 })).to.equal(false);
    expect(asksFor('Conv', [64, 4, 3, 3], { group: 8 })).to.equal(false);
    expect(asksFor('ConvTranspose', [6, 8, 3, 3])).to.equal(false);
    expect(asksFor('ConvTranspose', [96, 1, 3, 3], { group: 96 })).to.equal(false);
    expect(asksFor('MatMul', [8, 18])).to.equal(false);
  });
});
