// Five thousand models that no exporter wrote. `npm run fuzz -- 200000` tries as many as are asked for.
import { expect } from 'chai';
import { fuzz } from '../support/fuzz.js';

describe('mutated models', () => {
  it('give a model or a typed error, soon and in little memory: 5,000 cases', async function () {
    this.timeout(240_000);
    const { codes, failures, growth, loaded } = await fuzz({ from: 0, count: 5000, loadOne: 25 });
    expect(failures).to.deep.equal([]);
    expect([...codes.keys()]).to.include.members(['fine', 'invalid-model', 'no-rule', 'not-differentiable']);
    expect(loaded).to.be.above(10);
    expect(growth).to.be.below(600 * 2 ** 20);
  });
});
