// Architectures of torchvision and timm at random calibrated weights, exported now, against PyTorch run now: scripts/parity.sh.
import { execFileSync } from 'node:child_process';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  differentiableTensors,
  differentiate,
  type Model,
  modules,
  parseModel,
  partition,
  resolveTensor,
  writeModel,
} from '@saywhy/autodiff';
import { expect } from 'chai';
import * as ort from 'onnxruntime-node';
import { relativeError } from '../support/golden.js';
import { normal } from '../support/random.js';
import {
  bound,
  bytesOf,
  cases,
  floatsOf,
  folder,
  type ParityCase,
  type ParityFile,
  type ParityRun,
  parityRun,
  python,
} from './cases.js';

/** Inputs tried where a ReLU seems to have flipped, and how far they are moved, relative to each value. */
const ATTEMPTS = 12;
const ROUNDING = 5e-7;

/** What exporters say of architectures that they cannot write; parity_cases.py --all makes sure that they still do. */
const noAttention = { 'torchscript 13': 'Support for this operator was added in version 14' };
const noStandardisedWeights = { 'torchscript 13': 'Unable to find output name' };
const without: ParityRun['without'] = {
  caformer: noAttention,
  coatnet: noAttention,
  maxvit: noAttention,
  segformer: noAttention,
  vit_b_16_small: noAttention,
  eca_nfnet: noStandardisedWeights,
  nf_regnet_b0: noStandardisedWeights,
  nf_resnet26: noStandardisedWeights,
  resnetv2_bit: noStandardisedWeights,
  blip_caption: { folded: 'Attempt to replace the existing tensor' },
  hgnetv2_b0: { dynamo: 'onnxruntime computes other scores than PyTorch' },
  vilt: {
    torchscript: "argument 'num_samples' of node 'multinomial'",
    dynamo: 'the number of patches is drawn at run time (Tensor.item)',
  },
  volo: { torchscript: "Exporting the operator 'aten::col2im' to ONNX opset version" },
};

describe('gradients equal PyTorch’s', function () {
  this.timeout(300_000);
  for (const test of cases)
    for (const file of test.files)
      it(`${test.name}, ${file.exporter}, opset ${file.opset}, ${file.variant}`, async () => {
        const model = parseModel(bytesOf(test, file.model));
        expect(model.opset.get('')).to.equal(file.opset);
        // Optimised files have lost the names of modules; most of their results are still there.
        const layer = layerOf(test, file);
        const wrt = ['input', ...(differentiableTensors(model, 'logits').has(layer) ? [layer] : [])];
        if (file.variant === 'plain') expect(wrt).to.include(layer);
        const joined = differentiate(model, { of: 'logits', wrt });
        keep(test, file, joined);
        const logits = floatsOf(test, 'logits.f32');
        const cotangent = new Float32Array(logits.length);
        cotangent[test.class] = 1;
        const input = new ort.Tensor('float32', floatsOf(test, 'input.f32'), test.input);
        const seed = { 'cotangent/logits': new ort.Tensor('float32', cotangent, [1, logits.length]) };

        const session = await ort.InferenceSession.create(writeModel(joined), { logSeverityLevel: 3 });
        const runAt = async (at: ort.Tensor) =>
          (await session.run({ input: at, ...seed })) as Record<string, ort.Tensor>;
        const results = await runAt(input);
        const atInput = results['gradient/input']!.data as Float32Array;
        writeFileSync(
          join(folder, test.name, file.model.replace('.onnx', '.node.f32')),
          new Uint8Array(atInput.buffer, atInput.byteOffset, atInput.byteLength),
        );
        if (wrt.includes(layer)) expect(results[`gradient/${layer}`]!.dims).to.deep.equal(test.layer.shape);
        expect(relativeError(results.logits!.data as Float32Array, logits), 'logits').to.be.below(
          bound(test.noise.logits),
        );

        // Where rounding decides on which side of its kink a ReLU lies, both derivatives are right: PyTorch's must be that of an input a rounding away.
        const error = ({ [`gradient/${layer}`]: deep, 'gradient/input': whole }: Record<string, ort.Tensor>) =>
          Math.max(
            deep
              ? relativeError(deep.data as Float32Array, floatsOf(test, 'gradient.f32')) / bound(test.noise.gradient)
              : 0,
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
        tabulate(test, file, smallest * bound(test.noise.inputGradient));
        expect(smallest, 'error of the gradients, in units of the bound').to.be.below(1);

        const parts = partition(
          joined,
          wrt.map((name) => `gradient/${name}`),
        );
        const forward = { input, ...(await run(parts.forward, { input })) };
        const saved = Object.fromEntries(parts.saved.map((name) => [name, forward[name as 'input']]));
        const backward = await run(parts.backward, { ...saved, ...seed });
        expect(relativeError(backward['gradient/input']!.data as Float32Array, atInput), 'in two parts').to.be.below(
          bound(test.noise.inputGradient),
        );
      });

  it('on every architecture, but for what an exporter cannot write', () => {
    expect(cases.map(({ name }) => name).sort()).to.deep.equal([...parityRun.names].sort());
    if (!parityRun.complete) return;
    expect(cases.length).to.be.at.least(80);
    expect(parityRun.without).to.deep.equal(without);
  });

  // The same files as Python sees them: one line of JSON a file.
  it('pass onnx.checker, and give ONNX Runtime for Python the same numbers', () => {
    const script = new URL('../../scripts/check_prepared.py', import.meta.url).pathname;
    const output = execFileSync(python, [script, folder], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
    const checked = output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { name: string; problem?: string; error: number });
    const files = cases.flatMap(({ name, files: made }) => made.map(({ model }) => `${name}/${model}`));
    expect(checked.map(({ name }) => name).sort()).to.deep.equal(files.sort());
    for (const { name, problem, error } of checked) {
      expect(problem, name).to.equal(undefined);
      expect(error, name).to.be.below(1e-4);
    }
  });
});

/** TorchScript names a module by those that called it: one that is called past the module around it lacks that one's name. */
function layerOf(test: ParityCase, { plain, exporter }: ParityFile): string {
  const model = parseModel(bytesOf(test, plain));
  const { module } = test.layer;
  const isPast = exporter === 'torchscript' && !modules(model).has(module);
  return resolveTensor(model, isPast ? module.slice(module.indexOf('.') + 1) : module);
}

/** For scripts/check_prepared.py. */
function keep({ name }: ParityCase, { model }: ParityFile, joined: Model): void {
  writeFileSync(join(folder, name, model.replace('.onnx', '.joined.onnx')), writeModel(joined));
}

/** For the table of scripts/parity_all.sh: a line of JSON a file. */
function tabulate({ name }: ParityCase, { exporter, opset, variant }: ParityFile, error: number): void {
  const table = process.env.SAYWHY_PARITY_TABLE;
  if (table) appendFileSync(table, `${JSON.stringify({ name, exporter, opset, variant, error })}\n`);
}

async function run(model: Model, feeds: Record<string, ort.Tensor>): Promise<Record<string, ort.Tensor>> {
  const session = await ort.InferenceSession.create(writeModel(model), { logSeverityLevel: 3 });
  const results = await session.run(feeds);
  await session.release();
  return results as Record<string, ort.Tensor>;
}
