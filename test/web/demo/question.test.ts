import { methods, type Prediction } from '@saywhy/core';
import { createExplainer } from '@saywhy/node';
import { expect } from 'chai';
import { forLessAgainst } from '../../../packages/web/demo/src/state/evidence.js';
import { likelihood } from '../../../packages/web/demo/src/state/likelihood.js';
import { lineOf } from '../../../packages/web/demo/src/state/methods.js';
import {
  askedIndex,
  hasSides,
  meaningOf,
  naming,
  questionText,
  signText,
  targetsOf,
} from '../../../packages/web/demo/src/state/question.js';
import { readWording } from '../../../packages/web/demo/src/state/wording.js';
import { throwsCode } from '../../support/throws-code.js';

const labels = ['tabby, tabby cat', 'tiger cat', 'German shepherd', 'crane', 'crane'];
const name = naming(labels);
const predictions: readonly Prediction[] = [{ index: 2, logit: 3, probability: 0.7 }];

describe('What is asked', () => {
  it('becomes targets: one, its opposite, or both', () => {
    expect(targetsOf({ kind: 'top' }, 'for')).to.deep.equal([{ top: 1 }]);
    expect(targetsOf({ kind: 'class', index: 3 }, 'against')).to.deep.equal([{ not: 3 }]);
    expect(targetsOf({ kind: 'versus', index: 3, other: 5 }, 'both')).to.deep.equal([
      { versus: [3, 5] },
      { not: { versus: [3, 5] } },
    ]);
  });

  it('is put in words, with the first name of each class', () => {
    const asked = askedIndex({ kind: 'top' }, predictions);
    expect(questionText({ kind: 'top' }, 'for', asked, name)).to.equal('Why “German shepherd”?');
    const versus = { kind: 'versus', index: 0, other: 1 } as const;
    expect(questionText(versus, 'for', 0, name)).to.equal('Why “tabby” rather than “tiger cat”?');
    expect(questionText(versus, 'against', 0, name)).to.equal('Why “tiger cat” rather than “tabby”?');
    expect(signText(versus, 'both', 0, name)).to.match(/^Red places speak for tabby .* blue ones for tiger cat/);
    expect(naming(undefined)(7)).to.equal('class 7');
  });

  it('is read from words as on the command line', () => {
    expect(readWording('tabby', labels)).to.deep.equal({ choice: { kind: 'class', index: 0 } });
    expect(readWording('2', labels)).to.deep.equal({ choice: { kind: 'class', index: 2 } });
    expect(readWording('tiger cat vs german shepherd', labels).choice).to.deep.equal({
      kind: 'versus',
      index: 1,
      other: 2,
    });
    expect(readWording('not:tiger cat', labels)).to.deep.equal({
      choice: { kind: 'class', index: 1 },
      evidence: 'against',
    });
    expect(readWording('top', labels)).to.deep.equal({ choice: { kind: 'top' } });
    expect(readWording('3 vs 4', undefined).choice).to.deep.equal({ kind: 'versus', index: 3, other: 4 });
  });

  it("is refused in the library's words where there is no such class", () => {
    expect(throwsCode(() => readWording('tigr cat', labels), 'unknown-label').message).to.include('tiger cat');
    throwsCode(() => readWording('crane', labels), 'ambiguous-label');
    throwsCode(() => readWording('cat', undefined), 'no-labels');
    throwsCode(() => readWording('tabby vs tabby', labels), 'invalid-target');
  });

  it('has sides for methods that weigh a layer for the class, and for no others', () => {
    const sided = methods.filter(hasSides).map((method) => method.name);
    expect(sided).to.include.members(['grad-cam', 'hires-cam', 'cam', 'layer-cam']);
    expect(sided).to.not.include.members(['eigen-cam']);
    expect(sided).to.not.include.members(['saliency']);
    expect(sided).to.not.include.members(['occlusion']);
  });

  it('says what the colours mean by the method that drew them', () => {
    const by = (meaning: string) =>
      methods.filter((method) => meaningOf(method) === meaning).map((method) => method.name);
    expect(by('any')).to.deep.equal(['eigen-cam']);
    expect(by('signed')).to.deep.equal(['occlusion']);
    expect(by('change')).to.deep.equal(['saliency', 'input-x-gradient', 'guided-backprop', 'deconvnet']);
    const single = { kind: 'class', index: 0 } as const;
    const versus = { kind: 'versus', index: 0, other: 1 } as const;
    const say = (choice: typeof single | typeof versus, meaning: 'for' | 'signed' | 'change' | 'any') =>
      signText(choice, 'for', 0, name, meaning);
    expect(say(single, 'for')).to.equal('Bright places spoke for tabby.');
    expect(say(single, 'signed')).to.equal('Red places spoke for tabby, blue ones against it.');
    expect(say(versus, 'signed')).to.match(/^Red places speak for tabby more than for tiger cat, blue ones/);
    expect(say(single, 'change')).to.match(/a pixel changes the score of tabby most, up or down/);
    expect(say(versus, 'change')).to.match(/how far tabby is from tiger cat/);
    expect(say(versus, 'any'))
      .to.match(/whatever the class/)
      .and.not.include('tabby');
  });

  it('has a line on every method of the registry', () => {
    const without = methods.filter((method) => lineOf(method) === method.paper.title).map((method) => method.name);
    expect(without, 'say what they mean in packages/web/demo/src/state/methods.ts').to.deep.equal([]);
  });
});

describe('For less against', () => {
  it('is the map before its ReLU, of methods that are linear in the class', async () => {
    await using explainer = await createExplainer('test/fixtures/nets/residual.torchscript.onnx');
    const { shape } = explainer.model.inputs[0]!;
    const size = shape.map((length) => (typeof length === 'number' ? length : 1));
    const count = size.reduce((product, length) => product * length, 1);
    const data = Float32Array.from({ length: count }, (_, i) => Math.sin(i * 0.37));
    const input = { data, shape: size };
    const { maps } = await explainer.explain(input, { method: 'hires-cam', target: [3, { not: 3 }] });
    const map = forLessAgainst(maps[0]!, maps[1]!);
    const [{ activation, gradient }] = (await explainer.gradients(input, { target: 3 })) as [never] as [
      Record<'activation' | 'gradient', { data: Float32Array; shape: readonly number[] }>,
    ];
    const cells = map.raw.data.length;
    const sums = Array.from({ length: cells }, (_, cell) => {
      let sum = 0;
      for (let i = cell; i < activation.data.length; i += cells) sum += activation.data[i]! * gradient.data[i]!;
      return sum;
    });
    sums.forEach((sum, cell) => {
      expect(map.raw.data[cell]).to.be.closeTo(sum, 1e-5);
    });
    expect(sums.some((sum) => sum > 1e-4)).to.equal(true);
    expect(sums.some((sum) => sum < -1e-4)).to.equal(true);
    expect(map.signed).to.equal(true);
    expect(Math.max(...map.data.map(Math.abs))).to.be.closeTo(1, 1e-6);
  });
});

describe('The probability of a class that is not among the first', () => {
  it('is that of a softmax over all logits', () => {
    const logits = [2, -1, 0.5, 3];
    const total = logits.reduce((sum, logit) => sum + Math.exp(logit), 0);
    const known = { index: 3, logit: 3, probability: Math.exp(3) / total };
    expect(likelihood(-1, known, 'softmax')).to.be.closeTo(Math.exp(-1) / total, 1e-12);
    expect(likelihood(0, known, 'multilabel')).to.equal(0.5);
    expect(likelihood(0.2, { index: 0, logit: 0.4, probability: 0.4 }, 'softmax')).to.equal(0.2);
    expect(likelihood(1, { index: 0, logit: 0.4 }, 'regression')).to.equal(undefined);
  });
});
