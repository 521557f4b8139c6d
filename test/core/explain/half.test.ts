// fp16 models: gradients that half precision cannot hold are computed with a scaled cotangent. The forward run rounds to fp16, so that a few units lie on the
// other side of a kink: at the input that alone is 1e-2.

import { createExplainer } from '@saywhy/core';
import { expect } from 'chai';
import { TensorProto_DataType } from 'onnx-buf';
import { relativeError } from '../../support/golden.js';
import { buildModel } from '../../support/model.js';
import { randomInput, smallNetSpec } from '../../support/nets.js';
import { testRuntime } from '../../support/runtime.js';

/** The small net computed in fp16 throughout; its input too. The scores are `factor` times as large. */
function halfNet(size: number, factor: number, half: boolean): Uint8Array {
  const spec = smallNetSpec({ size });
  const type = half ? 'float16' : 'float32';
  const to = half ? TensorProto_DataType.FLOAT16 : TensorProto_DataType.FLOAT;
  const weights = spec.initializers!.map(({ name }) => name);
  const casts = weights.flatMap((name) => [
    { op: 'Cast', inputs: [name], outputs: [`${name}.16`], attributes: { to: TensorProto_DataType.FLOAT16 } },
    { op: 'Cast', inputs: [`${name}.16`], outputs: [`${name}.used`], attributes: { to } },
  ]);
  const scale = { op: 'Constant', inputs: [], outputs: ['factor.32'], attributes: { value_float: { float: factor } } };
  return buildModel({
    ...spec,
    inputs: [{ name: 'input', shape: ['n', 3, size, size], type }],
    outputs: [{ name: 'scores', type }],
    nodes: [
      ...casts,
      scale,
      { op: 'Cast', inputs: ['factor.32'], outputs: ['factor'], attributes: { to } },
      ...spec.nodes.map((node) => ({
        ...node,
        inputs: node.inputs.map((name) => (weights.includes(name) ? `${name}.used` : name)),
      })),
      { op: 'Mul', inputs: ['logits', 'factor'], outputs: ['scores'] },
    ],
  });
}

describe('half precision', () => {
  const compare = async (size: number, factor: number) => {
    await using half = await createExplainer(halfNet(size, factor, true), { runtime: testRuntime() });
    await using single = await createExplainer(halfNet(size, factor, false), { runtime: testRuntime() });
    expect(half.model.inputs[0]!.type).to.equal('float16');
    const input = randomInput([1, 3, size, size]);
    const options = { target: 2, layer: ['features', 'input'] };
    const [found, expected] = [await half.gradients(input, options), await single.gradients(input, options)];
    return found.map(({ gradient }, i) => relativeError(gradient.data, expected[i]!.gradient.data));
  };

  it('gradients of a mean over many places do not underflow', async () => {
    // Over 96 x 96 places a weight of 0.4 gives 4e-5, below the smallest normal fp16 number.
    const [features, input] = await compare(192, 1);
    expect(features).to.be.below(1e-3);
    expect(input).to.be.below(2e-2);
  });

  it('gradients that would overflow are computed with a smaller scale', async () => {
    const [features, input] = await compare(12, 4096);
    expect(features).to.be.below(1e-3);
    expect(input).to.be.below(5e-3);
  });

  it('gradients of a saturated probability survive', async () => {
    await using half = await createExplainer(halfNet(48, 4, true), { runtime: testRuntime() });
    await using single = await createExplainer(halfNet(48, 4, false), { runtime: testRuntime() });
    const input = randomInput([1, 3, 48, 48]);
    const options = { target: { probability: 2 } };
    const [found, expected] = [await half.gradients(input, options), await single.gradients(input, options)];
    // p (1 - p) is 4e-8, less than half precision has; without a scale all gradients are zero.
    expect(relativeError(found[0]!.gradient.data, expected[0]!.gradient.data)).to.be.below(5e-3);
  });

  it('maps are those of single precision, from a picture too', async () => {
    const preprocess = { channels: 'RGB', layout: 'NCHW', steps: [{ rescale: 1 / 255 }] } as const;
    await using half = await createExplainer(halfNet(12, 1, true), { runtime: testRuntime(), preprocess });
    await using single = await createExplainer(halfNet(12, 1, false), { runtime: testRuntime(), preprocess });
    const picture = { data: Uint8ClampedArray.from({ length: 576 }, (_, i) => (i * 37) % 256), width: 12, height: 12 };
    const options = { method: ['hires-cam', 'saliency', 'occlusion'], target: 1 };
    const [found, expected] = [await half.explain(picture, options), await single.explain(picture, options)];
    found.maps.forEach((map, i) => {
      expect(relativeError(map.raw.data, expected.maps[i]!.raw.data), map.method).to.be.below(2e-2);
    });
  });
});
