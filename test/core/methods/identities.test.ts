// What the methods must be to one another on a head of global average pooling and one linear layer: exact, without any reference implementation.
import { createExplainer, type ExplanationMap, gradCamPlusPlus } from '@saywhy/core';
import { expect } from 'chai';
import { relativeError } from '../../support/golden.js';
import { randomInput, smallNet } from '../../support/nets.js';
import { testRuntime } from '../../support/runtime.js';

describe('identities between methods', () => {
  const runtime = testRuntime();
  const maps = async (methods: Parameters<Explain>[1], target = 2, head: 'pool' | 'flatten' = 'pool') => {
    await using explainer = await createExplainer(smallNet({ head }), { runtime });
    const { maps } = await explainer.explain(randomInput(), { ...methods, target });
    return maps;
  };
  type Explain = (_: unknown, options: { method: (string | ReturnType<typeof gradCamPlusPlus>)[] }) => void;
  const expectEqual = (a: ExplanationMap, b: ExplanationMap, tolerance: number, factor = 1) => {
    expect(a.raw.shape).to.deep.equal(b.raw.shape);
    expect(
      relativeError(
        a.raw.data,
        b.raw.data.map((x) => x * factor),
      ),
    ).to.be.below(tolerance);
  };

  it('HiResCAM, XGrad-CAM and Grad-CAM are one on a pooled linear head', async () => {
    const [gradCam, hires, xGrad] = await maps({ method: ['grad-cam', 'hires-cam', 'x-grad-cam'] });
    expect(Math.max(...gradCam!.raw.data)).to.be.above(0);
    expectEqual(hires!, gradCam!, 1e-6);
    expectEqual(xGrad!, gradCam!, 1e-6);
  });

  it('Grad-CAM is CAM divided by the number of places', async () => {
    const [gradCam, cam] = await maps({ method: ['grad-cam', 'cam'] });
    expectEqual(gradCam!, cam!, 1e-6, 1 / 36);
  });

  it('they differ where the head looks at places', async () => {
    const [gradCam, hires, xGrad] = await maps({ method: ['grad-cam', 'hires-cam', 'x-grad-cam'] }, 2, 'flatten');
    expect(relativeError(hires!.raw.data, gradCam!.raw.data)).to.be.above(0.05);
    expect(relativeError(xGrad!.raw.data, gradCam!.raw.data)).to.be.above(0.05);
  });

  it('Grad-CAM++ has its closed form at eps 0', async () => {
    await using explainer = await createExplainer(smallNet(), { runtime });
    const { maps } = await explainer.explain(randomInput(), { method: gradCamPlusPlus({ epsilon: 0 }), target: 2 });
    const { activation, gradient } = (await explainer.gradients(randomInput(), { target: 2 }))[0]!;
    const expected = new Float32Array(36);
    for (let c = 0; c < 8; c++) {
      const a = activation.data.subarray(c * 36, (c + 1) * 36);
      const g = gradient.data[c * 36]!;
      const weight = (36 * Math.max(g, 0)) / (2 + a.reduce((sum, x) => sum + x, 0) * g);
      for (let i = 0; i < 36; i++) expected[i]! += weight * a[i]!;
    }
    expect(
      relativeError(
        maps[0]!.raw.data,
        expected.map((x) => Math.max(0, x)),
      ),
    ).to.be.below(1e-6);
  });

  it('Grad-CAM++ depends on the scale of the scores at its usual eps', async () => {
    const [zero, usual] = await maps({ method: [gradCamPlusPlus({ epsilon: 0 }), 'grad-cam++'] });
    const [coarse] = await maps({ method: [gradCamPlusPlus({ epsilon: 1 })] });
    expect(relativeError(usual!.raw.data, zero!.raw.data)).to.be.below(0.05);
    expect(relativeError(coarse!.raw.data, zero!.raw.data)).to.be.above(0.1);
  });

  it('the map of a difference is that of the difference of the weights', async () => {
    await using explainer = await createExplainer(smallNet(), { runtime });
    const grads = await explainer.gradients(randomInput(), { target: [1, 3, { versus: [1, 3] }, { not: 1 }] });
    const [a, b, difference, not] = grads.map(({ gradient }) => gradient.data);
    expect(
      relativeError(
        difference!,
        a!.map((x, i) => x - b![i]!),
      ),
    ).to.be.below(1e-5);
    expect(
      relativeError(
        not!,
        a!.map((x) => -x),
      ),
    ).to.be.below(1e-7);
  });

  it('input x gradient is the product, and saliency shows the largest magnitude over the colours', async () => {
    const input = randomInput();
    const [saliency, product] = await maps({ method: ['saliency', 'input-x-gradient'] });
    expect(saliency!.raw.shape).to.deep.equal([3, 12, 12]);
    expectEqual(
      product!,
      { ...saliency!, raw: { ...saliency!.raw, data: saliency!.raw.data.map((g, i) => g * input.data[i]!) } },
      1e-7,
    );
    const largest = Array.from({ length: 144 }, (_, i) =>
      Math.max(...[0, 1, 2].map((c) => Math.abs(saliency!.raw.data[c * 144 + i]!))),
    );
    // The 99th percentile of 144 values lies 0.57 of the way from the third largest to the second.
    const [second, third] = largest.toSorted((a, b) => b - a).slice(1);
    const top = third! + 0.57 * (second! - third!);
    const shown = largest.map((x) => Math.min(1, x / top));
    expect(relativeError(saliency!.data, shown)).to.be.below(1e-6);
    expect(saliency!.range[0]).to.equal(0);
    expect(saliency!.range[1]).to.be.closeTo(top, 1e-6);
  });

  it('guided Grad-CAM is guided backpropagation times the Grad-CAM map at its size', async () => {
    const [guided, gradCam, both] = await maps({ method: ['guided-backprop', 'grad-cam', 'guided-grad-cam'] });
    const scale = gradCam!.range;
    const coarse = gradCam!.data.map((x) => scale[0] + x * (scale[1] - scale[0]));
    expect(
      relativeError(
        both!.raw.data,
        guided!.raw.data.map((g, i) => g * coarse[i % 144]!),
      ),
    ).to.be.below(1e-5);
  });
});
