// Targets on their way from the page to the worker.
import type { Target } from '@saywhy/core';
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
    { similarTo: { data: new Uint8ClampedArray(8), width: 2, height: 1 } },
    { similarTo: { data: new Float32Array(12), shape: [1, 3, 2, 2] } },
  ];
  for (const target of targets)
    it(`arrive as they were: ${JSON.stringify(target)}`, () => {
      const callables = new Callables();
      expect(readTargets(structuredClone(callables.targets(target)), undefined)).to.deep.equal(target);
      expect(callables.any).to.equal(false);
    });

  it('keep their functions in the page', () => {
    const callables = new Callables();
    const own = () => ({ value: 1, gradient: new Float32Array(1) });
    expect(callables.targets({ not: own })).to.deep.equal({ not: { callable: 0, text: 'own' } });
    expect(callables.any).to.equal(true);
  });
});
