import { parseTarget, type Target } from '@saywhy/core';
import { expect } from 'chai';

describe('parseTarget', () => {
  const labels = ['tabby', 'German shepherd', 'top', '7', 'Cat vs dog', 'not:a'];
  const cases: [string, Target][] = [
    ['tabby', 'tabby'],
    [' German shepherd ', 'German shepherd'],
    ['281', 281],
    ['index:281', 281],
    ['-1', -1],
    ['label:281', '281'],
    ['top1', { top: 1 }],
    ['top3', { top: 3 }],
    ['top-3', { top: 3 }],
    ['not:tabby', { not: 'tabby' }],
    ['not:281', { not: 281 }],
    ['probability:tabby', { probability: 'tabby' }],
    ['not:probability:5', { not: { probability: 5 } }],
    ['tabby vs German shepherd', { versus: ['tabby', 'German shepherd'] }],
    ['1 VS 2', { versus: [1, 2] }],
    ['tabby vs Cat vs dog', { versus: ['tabby', 'Cat vs dog'] }],
    ['something else', 'something else'],
  ];
  for (const [text, target] of cases)
    it(`"${text}" is ${JSON.stringify(target)}`, () => expect(parseTarget(text, labels)).to.deep.equal(target));

  it('refuses an index that is no number', () => {
    expect(() => parseTarget('index:tabby'))
      .to.throw(/"index:".*not "tabby"/)
      .with.property('code', 'invalid-target');
  });

  it('is a label where the text is one, whatever it looks like', () => {
    for (const label of labels) expect(parseTarget(label, labels)).to.equal(label);
    expect(parseTarget('label:top', labels)).to.equal('top');
    expect(parseTarget('index:7', labels)).to.equal(7);
    expect(parseTarget('top')).to.deep.equal({ top: 1 });
  });
});
