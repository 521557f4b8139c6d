// float64, where onnxruntime differs from float32.
import { differentiate, inferTensors, parseModel } from '@saywhy/autodiff';
import { expect } from 'chai';
import { buildModel, type NodeSpec } from '../../support/model.js';
import { type Feed, run } from '../../support/run.js';

const feed = (...data: number[]): Feed => ({ data, shape: [data.length], type: 'float64' });

function modelOf(nodes: readonly NodeSpec[], outputs: readonly string[] = ['y']) {
  const type = 'float64';
  return parseModel(
    buildModel({
      opset: 18,
      inputs: [
        { name: 'x', shape: [3], type },
        { name: 'w', shape: [3], type },
      ],
      outputs: outputs.map((name) => ({ name, type })),
      nodes,
    }),
  );
}

describe('gradients in float64', () => {
  it('Mish: onnxruntime makes x sigmoid(x) an operator that it does not have for float64', async () => {
    const model = differentiate(modelOf([{ op: 'Mish', inputs: ['x'], outputs: ['y'] }]), { of: 'y', wrt: ['x'] });
    const x = [-1.5, 0, 2];
    const results = await run(model, { x: feed(...x), w: feed(1, 1, 1), 'cotangent/y': feed(1, 1, 1) });
    for (const [index, value] of x.entries()) {
      const f = (at: number) => at * Math.tanh(Math.log1p(Math.exp(at)));
      const expected = (f(value + 1e-5) - f(value - 1e-5)) / 2e-5;
      expect(results['gradient/x']!.data[index]).to.be.closeTo(expected, 1e-9);
    }
  });
  it('LayerNormalization: its mean is float32, as its stash_type says', async () => {
    const nodes = [
      { op: 'LayerNormalization', inputs: ['x', 'w'], outputs: ['y', 'mean', 'inverse'] },
      { op: 'Cast', inputs: ['mean'], outputs: ['m'], attributes: { to: 11 } },
    ];
    const model = modelOf(nodes, ['y', 'm']);
    expect(inferTensors(model).get('mean')!.type).to.equal('float32');
    const joined = differentiate(model, { of: 'm', wrt: ['x'] });
    const cotangent = { data: [3], shape: [1], type: 'float64' } as const;
    const { 'gradient/x': gradient } = await run(joined, {
      x: feed(1, 2, 4),
      w: feed(1, 1, 1),
      'cotangent/m': cotangent,
    });
    expect(gradient!.data).to.deep.equal([1, 1, 1]);
  });
});
