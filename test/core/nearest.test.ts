import { expect } from 'chai';
import { editDistance, nearest } from '../../packages/core/src/nearest.js';

describe('nearest', () => {
  it('counts edits', () => {
    expect(editDistance('kitten', 'sitting')).to.equal(3);
    expect(editDistance('', 'abc')).to.equal(3);
    expect(editDistance('same', 'same')).to.equal(0);
  });

  it('finds what was meant, best first', () => {
    expect(nearest('taby', ['tabby', 'tiger cat', 'table'])).to.deep.equal(['tabby']);
    expect(nearest('LAYER3', ['layer1', 'layer2', 'layer3', 'fc'])[0]).to.equal('layer3');
    expect(nearest('shepherd', ['German shepherd', 'sheep', 'panda'])).to.deep.equal(['German shepherd']);
    expect(nearest('zebra', ['tabby', 'panda'])).to.deep.equal([]);
  });

  it('gives no more than asked for', () => {
    expect(nearest('layer', ['layer1', 'layer2', 'layer3', 'layer4'], 2)).to.have.length(2);
  });
});
