import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { operatorsPage } from '../../scripts/generate-docs.js';

describe('docs made from the code', () => {
  it('operators.md is up to date (npm run docs)', () => {
    expect(readFileSync(new URL('../../docs/operators.md', import.meta.url), 'utf8')).to.equal(operatorsPage());
  });
});
