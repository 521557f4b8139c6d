import type { Target } from '@saywhy/core';
import { parseTarget } from '@saywhy/core/words';
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
    ['box:10,20,30.5,40', { box: { x: 10, y: 20, width: 30.5, height: 40 } }],
    ['box: 10, 20, 30, 40:tabby', { box: { x: 10, y: 20, width: 30, height: 40 }, class: 'tabby' }],
    ['mask:0,0,5,5:3', { mask: { x: 0, y: 0, width: 5, height: 5 }, class: 3 }],
    ['not:mask:0,0,5,5', { not: { mask: { x: 0, y: 0, width: 5, height: 5 } } }],
    [
      'box:1,2,3,4:a vs box:1,2,3,4:b',
      {
        versus: [
          { box: { x: 1, y: 2, width: 3, height: 4 }, class: 'a' },
          { box: { x: 1, y: 2, width: 3, height: 4 }, class: 'b' },
        ],
      },
    ],
    ['value:up', { value: 'up' }],
    ['value:down:age', { value: 'down', of: 'age' }],
    ['value:near 3.5:1', { value: { near: 3.5 }, of: 1 }],
    ['{"similarTo": [1, 2]}', { similarTo: [1, 2] }],
    ['something else', 'something else'],
  ];
  for (const [text, target] of cases)
    it(`"${text}" is ${JSON.stringify(target)}`, () => expect(parseTarget(text, labels)).to.deep.equal(target));

  it('refuses an index that is no number', () => {
    expect(() => parseTarget('index:tabby'))
      .to.throw(/"index:".*not "tabby"/)
      .with.property('code', 'invalid-target');
  });

  it('refuses places and JSON that cannot be read', () => {
    expect(() => parseTarget('box:1,2,3')).to.throw(/x,y,width,height.*"1,2,3"/);
    expect(() => parseTarget('mask:a,b,c,d:5'))
      .to.throw(/"mask:"/)
      .with.property('code', 'invalid-target');
    expect(() => parseTarget('{"box": '))
      .to.throw(/not JSON/)
      .with.property('code', 'invalid-target');
  });

  it('is a label where the text is one, whatever it looks like', () => {
    for (const label of labels) expect(parseTarget(label, labels)).to.equal(label);
    expect(parseTarget('label:top', labels)).to.equal('top');
    expect(parseTarget('index:7', labels)).to.equal(7);
    expect(parseTarget('top')).to.deep.equal({ top: 1 });
  });
});
