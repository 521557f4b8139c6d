import { expect } from 'chai';
import { checkGradients } from '../../../support/gradient-check.js';
import { gradientsOf } from '../../../support/gradients.js';
import { integers } from '../../../support/model.js';
import { checkSecondOrder } from '../../../support/second-order.js';

const positive = (value: number) => Math.abs(value) + 0.5;
const operators = [
  ['NegativeLogLikelihoodLoss', 'input', 'weight'],
  ['SoftmaxCrossEntropyLoss', 'scores', 'weights'],
] as const;
/** Shapes of the input, with the targets. */
const shapes: readonly [shape: number[], targets: number[]][] = [
  [
    [4, 3],
    [0, 2, 1, 2],
  ],
  [
    [2, 3, 4],
    [0, 2, 1, 2, 1, 1, 0, 2],
  ],
  [
    [2, 3, 1, 2],
    [0, 2, 1, 0],
  ],
];
const targetOf = (shape: readonly number[], targets: readonly number[]) =>
  integers('target', [shape[0]!, ...shape.slice(2)], targets);

describe('gradients of losses', () => {
  for (const [op, data, weight] of operators)
    for (const reduction of ['none', 'sum', 'mean', undefined])
      for (const ignored of [undefined, 2, -1])
        for (const weighted of [false, true])
          it(`${op}, reduction ${reduction}, ignore_index ${ignored}, ${weighted ? 'classes weighted' : 'no weights'}`, async () => {
            for (const [at, [shape, targets]] of shapes.entries()) {
              const known = targets.map((target, index) => (ignored === -1 && index % 2 === 1 ? -1 : target));
              const declared = at === 1 ? shape.map((size, axis) => (axis === 1 ? size : `n${axis}`)) : undefined;
              await checkGradients({
                op,
                opset: [12, 22, 13][(at + (weighted ? 1 : 0)) % 3]!,
                attributes: { reduction, ignore_index: ignored },
                order: [data, 'target', ...(weighted ? [weight] : [])],
                initializers: [targetOf(shape, known)],
                inputs: {
                  [data]: { shape, declared },
                  ...(weighted && { [weight]: { shape: [3], map: positive } }),
                },
                tolerance: 2e-3,
              });
            }
          });
  it('SoftmaxCrossEntropyLoss: its log-probabilities are differentiated as well', async () => {
    for (const nodes of [
      [{ op: 'SoftmaxCrossEntropyLoss', inputs: ['scores', 'target'], outputs: ['loss', 'Y'] }],
      [
        { op: 'SoftmaxCrossEntropyLoss', inputs: ['scores', 'target'], outputs: ['loss', 'log'] },
        { op: 'Mul', inputs: ['loss', 'log'], outputs: ['Y'] },
      ],
    ])
      for (const opset of [12, 17])
        await checkGradients({
          opset,
          nodes,
          initializers: [targetOf([2, 3, 2], [0, 2, 1, 1])],
          inputs: { scores: { shape: [2, 3, 2] } },
        });
  });
  it('of targets that are all ignored: nothing but the mean, which is 0 / 0', async () => {
    const inputs = { input: { shape: [1, 2], values: [-1, -2] } };
    const initializers = [integers('target', [1], [1])];
    const loss = (reduction: string) =>
      gradientsOf({
        op: 'NegativeLogLikelihoodLoss',
        attributes: { ignore_index: 1, reduction },
        order: ['input', 'target'],
        initializers,
        inputs,
      });
    expect((await loss('sum')).input!.map(Math.abs)).to.deep.equal([0, 0]);
    expect((await loss('mean')).input!.some(Number.isNaN)).to.equal(true);
  });
  it('SoftmaxCrossEntropyLoss, as torch.nn.functional.cross_entropy has it', async () => {
    const { scores } = await gradientsOf({
      op: 'SoftmaxCrossEntropyLoss',
      order: ['scores', 'target'],
      initializers: [integers('target', [2], [0, 1])],
      inputs: { scores: { shape: [2, 2], values: [0, 0, 0, 0] } },
    });
    expect(scores).to.deep.equal([-0.25, 0.25, 0.25, -0.25]);
  });
  it('SoftmaxCrossEntropyLoss, second derivative', () =>
    checkSecondOrder({
      op: 'SoftmaxCrossEntropyLoss',
      opset: 17,
      shape: [4, 3],
      initializers: [integers('target', [4], [0, 2, 1, 2])],
    }));
});
