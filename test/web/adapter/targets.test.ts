// Targets on their way from the page to the worker.
import type { Target } from '@saywhy/web';
import { expect } from 'chai';
import { Callables } from '../../../packages/web/src/remote/callables.js';
import { readTargets } from '../../../packages/web/src/worker/callables.js';

describe('targets that are sent', () => {
  const targets: readonly Target[] = [
    'tabby',
    { versus: [1, { not: 'tabby' }] },
    { box: { x: 1, y: 2, width: 3, height: 4 }, class: 'face' },
    { mask: { data: Uint8Array.of(0, 1, 1, 0), shape: [2, 2] }, class: 3 },
    { similarTo: Float32Array.of(1, 2, 3) },
    { similarTo: [1, 2, 3] },
  ];
  for (const target of targets)
    it(`arrive as they were: ${JSON.stringify(target)}`, () => {
      const callables = new Callables();
      expect(readTargets(structuredClone(callables.targets(target)), undefined, [])).to.deep.equal(target);
      expect(callables.any).to.equal(false);
      expect(callables.compared).to.deep.equal([]);
    });

  it('leave what they compare with to those who send pictures', () => {
    const callables = new Callables();
    const picture = { data: new Uint8ClampedArray(8), width: 2, height: 1 };
    const tensor = { data: new Float32Array(12), shape: [1, 3, 2, 2] };
    const targets: Target[] = [
      { similarTo: 'cat.jpg' },
      { not: { similarTo: picture } },
      { versus: [{ similarTo: Uint8Array.of(1, 2) }, { probability: { similarTo: tensor } }] },
    ];
    const sent = structuredClone(callables.targets(targets));
    expect(JSON.stringify(sent)).to.not.match(/cat|data|shape/);
    expect(callables.compared).to.deep.equal(['cat.jpg', picture, Uint8Array.of(1, 2), tensor]);
    const taken = ['a', 'b', 'c', 'd'].map((_, i) => ({ data: new Float32Array(1).fill(i), shape: [1] }));
    expect(readTargets(sent, undefined, taken)).to.deep.equal([
      { similarTo: taken[0] },
      { not: { similarTo: taken[1] } },
      { versus: [{ similarTo: taken[2] }, { probability: { similarTo: taken[3] } }] },
    ]);
  });

  it('keep their functions in the page', () => {
    const callables = new Callables();
    const own = () => ({ value: 1, gradient: new Float32Array(1) });
    expect(callables.targets({ not: own })).to.deep.equal({ not: { callable: 0, text: 'own' } });
    expect(callables.any).to.equal(true);
  });
});
