// A quantized model is explained, and the result says how gradients pass its rounding.
import { createExplainer, inspectModel } from '@saywhy/core';
import { expect } from 'chai';
import { relativeError } from '../../support/golden.js';
import { buildModel, bytes, floats } from '../../support/model.js';
import { randomInput, smallNet, smallNetSpec } from '../../support/nets.js';
import { testRuntime } from '../../support/runtime.js';

/** The small net with its input and its first feature map quantized to bytes. */
function quantizedNet(): Uint8Array {
  const spec = smallNetSpec();
  const renamed = (name: string) => (name === 'input' || name === 'hidden' ? `${name}/d` : name);
  const pair = (name: string) => [
    { op: 'QuantizeLinear', inputs: [name, `${name}/scale`, 'middle'], outputs: [`${name}/q`] },
    { op: 'DequantizeLinear', inputs: [`${name}/q`, `${name}/scale`, 'middle'], outputs: [`${name}/d`] },
  ];
  const nodes = spec.nodes.map((node) => ({ ...node, inputs: node.inputs.map(renamed) }));
  return buildModel({
    ...spec,
    nodes: [...pair('input'), ...nodes.slice(0, 2), ...pair('hidden'), ...nodes.slice(2)],
    initializers: [
      ...(spec.initializers ?? []),
      floats('input/scale', [], [0.04]),
      floats('hidden/scale', [], [0.06]),
      bytes('middle', [], [128]),
    ],
  });
}

describe('a quantized model', () => {
  it('has the maps of the model that it was made from, nearly, and says how', async () => {
    const runtime = testRuntime();
    const options = { method: ['grad-cam', 'input-x-gradient'], target: 1 } as const;
    await using plain = await createExplainer(smallNet(), { runtime });
    await using quantized = await createExplainer(quantizedNet(), { runtime });
    const expected = await plain.explain(randomInput(), options);
    const found = await quantized.explain(randomInput(), options);
    found.maps.forEach(({ raw }, index) => {
      expect(relativeError(raw.data, expected.maps[index]!.raw.data)).to.be.within(1e-6, 0.15);
    });
    expect(found.warnings.map(({ code }) => code)).to.include('straight-through');
    expect(expected.warnings.map(({ code }) => code)).to.not.include('straight-through');
  });
  it('is known before it runs', () => {
    const codes = (model: Uint8Array) =>
      inspectModel(model, { preprocess: 'imagenet' }).warnings.map(({ code }) => code);
    expect(codes(quantizedNet())).to.deep.equal(['straight-through']);
    expect(codes(smallNet())).to.deep.equal([]);
  });
});
