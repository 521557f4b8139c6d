import { readFileSync } from 'node:fs';
import { type Model, parseModel, readTensor } from '@saywhy/autodiff';
import { expect } from 'chai';
import { learnedWeights, randomizeWeights } from '../../../packages/core/src/metrics/randomize-weights.js';
import { buildModel, floats } from '../../support/model.js';
import { smallNet, smallNetSpec } from '../../support/nets.js';

const valuesOf = (model: Model, name: string) => readTensor(model.graph.initializers.get(name)!.proto, new Map());
const sorted = (values: readonly number[]) => [...values].sort((a, b) => a - b);

describe('randomised weights', () => {
  it('hold the same values in an order that the seed decides', () => {
    const model = parseModel(smallNet());
    const random = (seed: number, ...names: string[]) => randomizeWeights(model, { seed, names });
    const before = valuesOf(model, 'conv2.weight');
    const after = valuesOf(random(1, 'conv2.weight'), 'conv2.weight');
    expect(sorted(after)).to.deep.equal(sorted(before));
    const inPlace = after.filter((value, i) => value === before[i]).length;
    expect(inPlace, 'left in place').to.be.below(10);
    expect(valuesOf(random(1, 'fc.weight', 'conv2.weight'), 'conv2.weight'), 'also with others').to.deep.equal(after);
    expect(valuesOf(random(2, 'conv2.weight'), 'conv2.weight')).to.not.deep.equal(after);
    expect(valuesOf(random(1, 'conv2.weight'), 'conv1.weight')).to.deep.equal(valuesOf(model, 'conv1.weight'));
  });

  it('every order of a small weight is as likely as any other', () => {
    const spec = smallNetSpec();
    const model = parseModel(
      buildModel({ ...spec, initializers: [...spec.initializers!, floats('w', [3], [1, 2, 3])] }),
    );
    const counts = new Map<string, number>();
    for (let seed = 0; seed < 3000; seed++) {
      const order = valuesOf(randomizeWeights(model, { seed, names: ['w'] }), 'w').join();
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).to.equal(6);
    // 500 each; five standard deviations are 102.
    for (const count of counts.values()) expect(count).to.be.within(398, 602);
  });

  it('are those that the scores are made of, in the order of the forward pass', () => {
    expect(learnedWeights(parseModel(smallNet()), 'logits')).to.deep.equal([
      'conv1.weight',
      'conv1.bias',
      'conv2.weight',
      'conv2.bias',
      'fc.weight',
      'fc.bias',
    ]);
  });

  it('may stand behind casts; settings and single numbers are none', () => {
    const spec = smallNetSpec();
    const model = parseModel(
      buildModel({
        ...spec,
        outputs: [...spec.outputs, { name: 'other' }],
        initializers: [
          ...spec.initializers!.filter(({ name }) => name !== 'conv2.weight'),
          floats(
            'wide',
            [8, 6, 3, 3],
            Array.from({ length: 432 }, (_, i) => Math.sin(i)),
          ),
          floats('scales', [4], [1, 1, 2, 2]),
          floats('one', [1], [2]),
          floats('unused by the scores', [5], [1, 2, 3, 4, 5]),
        ],
        nodes: [
          { op: 'Cast', inputs: ['wide'], outputs: ['conv2.weight'], attributes: { to: 1 } },
          ...spec.nodes.filter(({ op }) => op !== 'GlobalAveragePool'),
          { op: 'Resize', inputs: ['features', '', 'scales'], outputs: ['larger'] },
          { op: 'Mul', inputs: ['larger', 'one'], outputs: ['twice'] },
          { op: 'GlobalAveragePool', inputs: ['twice'], outputs: ['pooled'] },
          { op: 'Mul', inputs: ['logits', 'unused by the scores'], outputs: ['other'] },
        ],
      }),
    );
    expect(learnedWeights(model, 'logits')).to.deep.equal([
      'conv1.weight',
      'conv1.bias',
      'wide',
      'conv2.bias',
      'fc.weight',
      'fc.bias',
    ]);
  });

  it('of the bundled model are all its convolutions and its head', () => {
    const model = parseModel(readFileSync(new URL('../../../models/efficientnet-lite0.onnx', import.meta.url)));
    const names = learnedWeights(model, model.graph.outputs[0]!.name);
    expect(names[0]).to.match(/^_conv_stem\.weight/);
    expect(names.at(-1)).to.match(/^_fc\.bias|classifier/);
    expect(names).to.have.length(100);
  });
});
