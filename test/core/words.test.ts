import { boxInWords, number, percent, strongestPlace, targetInWords } from '@saywhy/core/words';
import { expect } from 'chai';

describe('numbers and places in words', () => {
  it('three digits, and an exponent only where it is shorter', () => {
    const cases: readonly (readonly [value: number, text: string])[] = [
      [0, '0'],
      [9.134, '9.13'],
      [-0.0123456, '−0.0123'],
      [123456, '123000'],
      [0.0008, '8.0 × 10⁻⁴'],
      [-2.5e12, '−2.5 × 10¹²'],
      [Number.NaN, 'NaN'],
    ];
    for (const [value, text] of cases) expect(number(value).replaceAll('\u00a0', ' ')).to.equal(text);
  });

  it('shares that are not nothing do not read as nothing', () => {
    const cases: readonly (readonly [share: number, text: string])[] = [
      [0, '0.0 %'],
      [0.00001, '< 0.1 %'],
      [0.0123, '1.2 %'],
      [0.624, '62 %'],
      [1, '100 %'],
    ];
    for (const [share, text] of cases) expect(percent(share).replaceAll('\u00a0', ' ')).to.equal(text);
  });

  it('targets as sentences name them', () => {
    const cases: readonly (readonly [text: string, label: string | undefined, words: string])[] = [
      ['tabby, tabby cat', 'tabby, tabby cat', 'tabby'],
      ['not:macaw', 'macaw', 'against macaw'],
      ['tabby, tabby cat vs tiger cat', undefined, 'tabby rather than tiger cat'],
      ['probability:crane', 'crane', 'the probability of crane'],
      ['person vs car', 'person vs car', 'person vs car'],
      ['281', undefined, '281'],
      ['box:10,20,30,40:face, human face', 'face, human face', 'face in the box 10,20,30,40'],
      ['mask:cat', 'cat', 'cat in a mask'],
      ['not:mask:1,2,3,4:cat', 'cat', 'against cat in the mask 1,2,3,4'],
      ['box:1,2,3,4:cat vs box:1,2,3,4:dog', undefined, 'cat in the box 1,2,3,4 rather than dog in the box 1,2,3,4'],
    ];
    for (const [text, label, words] of cases)
      expect(targetInWords({ text, ...(label !== undefined && { label }) })).to.equal(words);
  });

  it('boxes in whole pixels', () => {
    expect(boxInWords({ x: 1.6, y: 2, width: 10.2, height: 5 })).to.equal('10 × 5 at 2, 2');
  });

  it('the place of the largest value', () => {
    const at = (index: number): string =>
      strongestPlace(
        Float32Array.from({ length: 81 }, (_, i) => Number(i === index)),
        [9, 9],
      );
    expect([at(0), at(4), at(8)]).to.deep.equal(['at the top left', 'at the top centre', 'at the top right']);
    expect([at(36), at(40), at(80)]).to.deep.equal(['at the left', 'in the centre', 'at the bottom right']);
    expect(strongestPlace(new Float32Array(81), [9, 9])).to.equal('nowhere');
    expect(strongestPlace(Float32Array.of(-5, -1), [1, 2]), 'a map that only speaks against').to.equal('nowhere');
  });
});
