// Architectures of torchvision and timm at random calibrated weights, exported now, against PyTorch run now: scripts/parity.sh.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { differentiate, type Model, parseModel, partition, resolveTensor, writeModel } from '@saywhy/autodiff';
import { expect } from 'chai';
import * as ort from 'onnxruntime-node';
import { relativeError } from '../support/golden.js';
import { bound, bytesOf, cases, floatsOf, folder, type ParityCase, python } from './cases.js';

describe('gradients equal PyTorch’s', function () {
  this.timeout(300_000);
  for (const test of cases)
    it(`${test.name}, ${test.exporter}, opset ${test.opset}`, async () => {
      const model = parseModel(bytesOf(test, 'model.onnx'));
      expect(model.opset.get('')).to.equal(test.opset);
      const layer = resolveTensor(model, test.layer.module);
      const joined = differentiate(model, { of: 'logits', wrt: [layer, 'input'] });
      keep(test, joined);
      const logits = floatsOf(test, 'logits.f32');
      const cotangent = new Float32Array(logits.length);
      cotangent[test.class] = 1;
      const input = new ort.Tensor('float32', floatsOf(test, 'input.f32'), test.input);
      const seed = { 'cotangent/logits': new ort.Tensor('float32', cotangent, [1, logits.length]) };

      const results = await run(joined, { input, ...seed });
      const data = (name: string) => results[name]!.data as Float32Array;
      const atInput = data('gradient/input');
      expect(results[`gradient/${layer}`]!.dims).to.deep.equal(test.layer.shape);
      expect(relativeError(data('logits'), logits), 'logits').to.be.below(bound(test.noise.logits));
      expect(
        relativeError(data(`gradient/${layer}`), floatsOf(test, 'gradient.f32')),
        `gradient at ${test.layer.module}`,
      ).to.be.below(bound(test.noise.gradient));
      expect(relativeError(atInput, floatsOf(test, 'input-gradient.f32')), 'gradient at the input').to.be.below(
        bound(test.noise.inputGradient),
      );

      const parts = partition(joined, [`gradient/${layer}`, 'gradient/input']);
      const forward = { input, ...(await run(parts.forward, { input })) };
      const saved = Object.fromEntries(parts.saved.map((name) => [name, forward[name as 'input']]));
      const backward = await run(parts.backward, { ...saved, ...seed });
      expect(relativeError(backward['gradient/input']!.data as Float32Array, atInput), 'in two parts').to.be.below(
        bound(test.noise.inputGradient),
      );
    });

  // The same files as Python sees them: one line of JSON a file.
  it('pass onnx.checker, and give ONNX Runtime for Python the same numbers', () => {
    const script = new URL('../../scripts/check_prepared.py', import.meta.url).pathname;
    const output = execFileSync(python, [script, folder], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
    const checked = output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { name: string; problem?: string; error: number });
    expect(checked.map(({ name }) => name).sort()).to.deep.equal(cases.map(({ name }) => name).sort());
    for (const { name, problem, error } of checked) {
      const { noise } = cases.find((test) => test.name === name)!;
      expect(problem, name).to.equal(undefined);
      expect(error, name).to.be.below(bound(noise.inputGradient));
    }
  });
});

/** For scripts/check_prepared.py. */
function keep({ name }: ParityCase, model: Model): void {
  mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(join(folder, name, 'joined.onnx'), writeModel(model));
}

async function run(model: Model, feeds: Record<string, ort.Tensor>): Promise<Record<string, ort.Tensor>> {
  const session = await ort.InferenceSession.create(writeModel(model), { logSeverityLevel: 3 });
  const results = await session.run(feeds);
  await session.release();
  return results as Record<string, ort.Tensor>;
}
