// Tiny networks of every family, from both exporters, against PyTorch's float64 gradients.
import { readdirSync, readFileSync } from 'node:fs';
import { differentiate, parseModel, resolveTensor, writeModel } from '@saywhy/autodiff';
import { expect } from 'chai';
import * as ort from 'onnxruntime-node';
import { distance, fixtures, floatsOf, type GoldenArray, readGolden } from '../support/golden.js';

interface GoldenNet {
  readonly files: readonly { readonly file: string; readonly exporter: string; readonly opset: number }[];
  readonly cotangent: GoldenArray;
  readonly logits: GoldenArray;
  readonly layer: { readonly module: string; readonly shape: readonly number[] };
  readonly activation: GoldenArray;
  readonly gradient: GoldenArray;
  readonly inputGradient: GoldenArray;
  readonly noise: number;
}

const names = readdirSync(new URL('nets/', fixtures)).filter((name) => name.endsWith('.json') && name !== 'input.json');

describe('gradients of tiny networks equal PyTorch’s', () => {
  const input = readGolden<GoldenArray>('nets/input.json');
  for (const name of names) {
    const net = readGolden<GoldenNet>(`nets/${name}`);
    const bound = Math.max(1e-5, 3 * net.noise);
    for (const { file, exporter, opset } of net.files)
      it(`${name.replace('.json', '')}, ${exporter}, opset ${opset}`, async () => {
        const model = parseModel(readFileSync(new URL(`nets/${file}`, fixtures)));
        expect(model.opset.get('')).to.equal(opset);
        const layer = resolveTensor(model, net.layer.module);
        const joined = differentiate(model, { of: 'logits', wrt: [layer, 'input'] });
        const session = await ort.InferenceSession.create(writeModel(joined), { logSeverityLevel: 3 });
        const results = await session.run({
          input: new ort.Tensor('float32', floatsOf(input), input.shape),
          'cotangent/logits': new ort.Tensor('float32', floatsOf(net.cotangent), net.cotangent.shape),
        });
        await session.release();
        const gradient = results[`gradient/${layer}`]!;
        expect(gradient.dims).to.deep.equal(net.layer.shape);
        expect(distance(results.logits!.data as Float32Array, net.logits), 'logits').to.be.below(1e-5);
        expect(distance(gradient.data as Float32Array, net.gradient), 'gradient at the layer').to.be.below(bound);
        expect(
          distance(results['gradient/input']!.data as Float32Array, net.inputGradient),
          'gradient at the input',
        ).to.be.below(bound);
      });
  }
});
