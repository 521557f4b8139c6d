// Architectures of torchvision and timm at random calibrated weights, exported now, against PyTorch run now: scripts/parity.sh.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { differentiate, type Model, parseModel, partition, resolveTensor, writeModel } from '@saywhy/autodiff';
import { expect } from 'chai';
import * as ort from 'onnxruntime-node';
import { relativeError } from '../support/golden.js';

interface ParityCase {
  readonly name: string;
  readonly exporter: string;
  readonly opset: number;
  readonly input: readonly number[];
  readonly class: number;
  readonly layer: { readonly module: string; readonly shape: readonly number[] };
  readonly cam?: { readonly module: string; readonly shape: readonly [number, number] };
  readonly noise: { readonly logits: number; readonly gradient: number; readonly inputGradient: number };
}

const folder = process.env.SAYWHY_PARITY;
if (!folder || !existsSync(folder))
  throw new Error('Run scripts/parity.sh: it writes the cases and names their folder in SAYWHY_PARITY.');

describe('gradients equal PyTorch’s', function () {
  this.timeout(120_000);
  for (const name of readdirSync(folder)) {
    if (!existsSync(join(folder, name, 'case.json'))) continue;
    const test = JSON.parse(readFileSync(join(folder, name, 'case.json'), 'utf8')) as ParityCase;
    const floats = (file: string) => new Float32Array(new Uint8Array(readFileSync(join(folder, name, file))).buffer);
    const tensor = (data: Float32Array, shape: readonly number[]) => new ort.Tensor('float32', data, shape);
    /** The bound of the project, or three times what PyTorch's own float32 is off where that is more. */
    const bound = (noise: number) => Math.max(1e-4, 3 * noise);

    it(`${name}, ${test.exporter}, opset ${test.opset}`, async () => {
      const model = parseModel(readFileSync(join(folder, name, 'model.onnx')));
      expect(model.opset.get('')).to.equal(test.opset);
      const layer = resolveTensor(model, test.layer.module);
      const joined = differentiate(model, { of: 'logits', wrt: [layer, 'input'] });
      const logits = floats('logits.f32');
      const cotangent = new Float32Array(logits.length);
      cotangent[test.class] = 1;
      const feeds = {
        input: tensor(floats('input.f32'), test.input),
        'cotangent/logits': tensor(cotangent, [1, logits.length]),
      };
      keep(name, joined);
      const results = await run(joined, feeds);
      expect(results[`gradient/${layer}`]!.dims).to.deep.equal(test.layer.shape);
      expect(relativeError(results.logits!.data as Float32Array, logits), 'logits').to.be.below(
        bound(test.noise.logits),
      );
      const atLayer = results[`gradient/${layer}`]!.data as Float32Array;
      const atInput = results['gradient/input']!.data as Float32Array;
      expect(relativeError(atLayer, floats('gradient.f32')), `gradient at ${test.layer.module}`).to.be.below(
        bound(test.noise.gradient),
      );
      expect(relativeError(atInput, floats('input-gradient.f32')), 'gradient at the input').to.be.below(
        bound(test.noise.inputGradient),
      );

      const parts = partition(joined, [`gradient/${layer}`, 'gradient/input']);
      const forward = await run(parts.forward, { input: feeds.input });
      const saved = Object.fromEntries(
        parts.saved.map((saved) => [saved, saved === 'input' ? feeds.input : forward[saved]!]),
      );
      const backward = await run(parts.backward, { ...saved, 'cotangent/logits': feeds['cotangent/logits'] });
      expect(relativeError(backward['gradient/input']!.data as Float32Array, atInput), 'in two parts').to.be.below(
        bound(test.noise.inputGradient),
      );
    });
  }

  /** For scripts/check_prepared.py, which looks at the same files in Python. */
  function keep(name: string, model: Model): void {
    mkdirSync(join(folder!, 'prepared'), { recursive: true });
    writeFileSync(join(folder!, 'prepared', `${name}.onnx`), writeModel(model));
  }
});

async function run(model: Model, feeds: Record<string, ort.Tensor>): Promise<Record<string, ort.Tensor>> {
  const session = await ort.InferenceSession.create(writeModel(model), { logSeverityLevel: 3 });
  const results = await session.run(feeds);
  await session.release();
  return results as Record<string, ort.Tensor>;
}
