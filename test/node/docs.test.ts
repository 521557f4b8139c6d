import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { pages, tableRow } from '../../scripts/generate-docs.js';

describe('docs made from the code', () => {
  for (const [file, page] of Object.entries(pages))
    it(`${file} is up to date (npm run docs)`, () => {
      expect(readFileSync(new URL(`../../docs/${file}`, import.meta.url), 'utf8')).to.equal(page());
    });
  it('a bar in a text does not end its cell', () => {
    expect(tableRow(['`Abs`', '0 where |x| is 0'])).to.equal('| `Abs` | 0 where \\|x\\| is 0 |');
  });
});
