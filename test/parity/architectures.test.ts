// Architectures of torchvision and timm at random calibrated weights, exported now, against PyTorch run now: scripts/parity.sh.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { differentiate, type Model, parseModel, partition, resolveTensor, writeModel } from '@saywhy/autodiff';
import { expect } from 'chai';
import * as ort from 'onnxruntime-node';
import { relativeError } from '../support/golden.js';
import { normal } from '../support/random.js';
import { bound, bytesOf, cases, floatsOf, folder, type ParityCase, python } from './cases.js';

/** Inputs tried where a ReLU seems to have flipped, and how far they are moved, relative to each value. */
const ATTEMPTS = 12;
const ROUNDING = 5e-7;

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

      const session = await ort.InferenceSession.create(writeModel(joined), { logSeverityLevel: 3 });
      const runAt = async (at: ort.Tensor) => (await session.run({ input: at, ...seed })) as Record<string, ort.Tensor>;
      const results = await runAt(input);
      const atInput = results['gradient/input']!.data as Float32Array;
      writeFileSync(
        join(folder, test.name, 'node.f32'),
        new Uint8Array(atInput.buffer, atInput.byteOffset, atInput.byteLength),
      );
      expect(results[`gradient/${layer}`]!.dims).to.deep.equal(test.layer.shape);
      expect(relativeError(results.logits!.data as Float32Array, logits), 'logits').to.be.below(
        bound(test.noise.logits),
      );

      // Where rounding decides on which side of its kink a ReLU lies, both derivatives are right: PyTorch's must be that of an input a rounding away.
      const error = ({ [`gradient/${layer}`]: deep, 'gradient/input': whole }: Record<string, ort.Tensor>) =>
        Math.max(
          relativeError(deep!.data as Float32Array, floatsOf(test, 'gradient.f32')) / bound(test.noise.gradient),
          relativeError(whole!.data as Float32Array, floatsOf(test, 'input-gradient.f32')) /
            bound(test.noise.inputGradient),
        );
      let smallest = error(results);
      const next = normal(1);
      for (let attempt = 0; attempt < ATTEMPTS && smallest >= 1; attempt++) {
        const jittered = (input.data as Float32Array).map((value) => value * (1 + ROUNDING * next()));
        smallest = Math.min(smallest, error(await runAt(new ort.Tensor('float32', jittered, test.input))));
      }
      await session.release();
      expect(smallest, 'error of the gradients, in units of the bound').to.be.below(1);

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
      expect(problem, name).to.equal(undefined);
      expect(error, name).to.be.below(1e-4);
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
