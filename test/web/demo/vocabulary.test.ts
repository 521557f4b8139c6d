import { expect } from 'chai';
import { completions, goOnWith, isReadable, wordsOf } from '../../../packages/web/demo/src/ask/vocabulary.js';

const words = wordsOf({ '<pad>': 0, colour: 1, color: 2, cross: 3, crosses: 4, what: 5, is: 6 });

describe('The words that are offered while one types', () => {
  it('are those that go on with what is begun', () => {
    expect(words).to.not.include('<pad>');
    expect(completions('what col', words)).to.deep.equal(['colour', 'color']);
    expect(completions('what COL', words)).to.deep.equal(['colour', 'color']);
    expect(completions('what cross', words), 'a whole word').to.deep.equal([]);
    expect(completions('what ', words)).to.deep.equal([]);
    expect(completions('what elephant', words)).to.deep.equal([]);
    expect(completions('c', words, 2)).to.have.length(2);
  });

  it('are those of the questions that are offered', () => {
    const vocabulary = { what: 1, is: 2, it: 3 };
    expect(isReadable('What is it?', { vocabulary, lowercase: true })).to.equal(true);
    expect(isReadable('What is it?', { vocabulary })).to.equal(false);
    expect(isReadable('what is that?', { vocabulary })).to.equal(false);
    expect(isReadable('what is that?', { vocabulary, unknown: 0 })).to.equal(true);
    expect(isReadable('?', { vocabulary })).to.equal(false);
  });

  it('take the place of what is begun, or follow', () => {
    expect(goOnWith('what col', 'colour')).to.equal('what colour');
    expect(goOnWith('what', 'is')).to.equal('what is');
    expect(goOnWith('what is?', 'cross')).to.equal('what is cross');
    expect(goOnWith('', 'what')).to.equal('what');
  });
});
