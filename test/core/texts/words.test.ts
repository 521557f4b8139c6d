import { parseTokenizer, wordTokenizer } from '@saywhy/core/texts';
import { expect } from 'chai';
import { throwsCode } from '../../support/throws-code.js';

const throws = (run: () => unknown, code: string, message: RegExp) =>
  expect(throwsCode(run, code).message).to.match(message);

const spec = {
  vocabulary: { '<pad>': 0, what: 1, colour: 2, is: 3, the: 4, circle: 5, '<unk>': 6, '?': 7 },
  lowercase: true,
  length: 6,
  padding: 'left',
  pad: 0,
} as const;

describe('a tokenizer of words', () => {
  it('splits at spaces and punctuation, which counts where it is a word', () => {
    const { encode } = wordTokenizer(spec);
    expect(encode('What  colour is\tthe circle?', true)).to.deep.equal([1, 2, 3, 4, 5, 7]);
    expect(encode('what, colour! is-the "circle"', true)).to.deep.equal([1, 2, 3, 4, 5]);
    expect(wordTokenizer({ vocabulary: { circle: 5 } }).encode('circle?', true)).to.deep.equal([5]);
  });

  it('knows case where it is told to, and marks by no name', () => {
    throws(() => wordTokenizer({ ...spec, lowercase: false }).encode('What', true), 'unknown-word', /"What".*"what"/);
    throws(() => wordTokenizer(spec).encode('<pad> circle', true), 'unknown-word', /"pad"/);
  });

  it('says which words are near one that it does not know, or takes it for unknown', () => {
    throws(() => wordTokenizer(spec).encode('what color is it', true), 'unknown-word', /"color".*"colour"/);
    expect(wordTokenizer({ ...spec, unknown: 6 }).encode('what color', true)).to.deep.equal([1, 6]);
    throws(() => wordTokenizer({ vocabulary: { a: 1 } }).encode('...', true), 'empty-text', /no word/);
  });

  it('puts marks around a whole text, and leaves them out when it reads ids', () => {
    const { encode, decode } = wordTokenizer({ vocabulary: { '<s>': 0, red: 1, '</s>': 2 }, begin: 0, end: 2 });
    expect(encode('red red', true)).to.deep.equal([0, 1, 1, 2]);
    expect(encode('red red', false)).to.deep.equal([1, 1]);
    expect(decode([0, 1, 1, 2])).to.equal('red red');
  });

  it('is checked as it is read from a file', () => {
    expect(parseTokenizer(JSON.parse(JSON.stringify(spec)))).to.deep.equal(spec);
    const wrong: readonly [unknown, RegExp][] = [
      [null, /^tokenizer is an object with: input, vocabulary/],
      [[], /^tokenizer is an object/],
      [{}, /^tokenizer\.vocabulary is an object of words/],
      [{ vocabulary: {} }, /^tokenizer\.vocabulary/],
      [{ vocabulary: ['a'] }, /^tokenizer\.vocabulary/],
      [{ vocabulary: { a: '1' } }, /^tokenizer\.vocabulary\["a"\] is a whole number from 0 on\. It is "1"\./],
      [{ vocabulary: { a: -1 } }, /^tokenizer\.vocabulary\["a"\]/],
      [{ vocabulary: { a: 1 }, length: 5 }, /^tokenizer\.pad is needed/],
      [{ vocabulary: { a: 1 }, length: 1e9, pad: 0 }, /^tokenizer\.length is a whole number from 1 to 8192/],
      [{ vocabulary: { a: 1 }, padding: 'middle' }, /^tokenizer\.padding is "left" or "right"\. It is "middle"\./],
      [{ vocabulary: { a: 1 }, lowercase: 1 }, /^tokenizer\.lowercase/],
      [{ vocabulary: { a: 1 }, input: 3 }, /^tokenizer\.input/],
      [{ vocabulary: { a: 1 }, paddings: 'left' }, /^tokenizer\.paddings is not known: did you mean padding\?$/],
      [{ vocabulary: { a: 1 }, end: 1.5 }, /^tokenizer\.end/],
    ];
    for (const [json, message] of wrong) throws(() => parseTokenizer(json), 'invalid-tokenizer', message);
  });
});
