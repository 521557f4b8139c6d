// Every method's map of one question, side by side.
import { findMethod } from '@saywhy/core';
import { expect } from 'chai';
import type { Server } from '../../support/browsers/index.js';
import { servePage } from '../../support/page.js';
import { distance, inNode, nodeExplainer } from './node.js';
import { Visit } from './visit.js';

describe('the grid of methods', function () {
  this.timeout(300_000);
  let server: Server;
  let visit: Visit;
  before(async () => {
    server = await servePage();
    visit = await Visit.open(server);
  });
  after(async () => {
    await visit?.close();
    await server?.close();
  });

  const card = (title: string) =>
    visit.tab.locator('.method-card').filter({ has: visit.tab.getByRole('button', { name: title, exact: true }) });

  it('draws Node’s map of each: opaque as it is strong', async () => {
    const { methods } = (await nodeExplainer('efficientnet-lite0')).model;
    await visit.button(`All ${methods.length} side by side`).click();
    expect(await visit.tab.locator('.method-card').count()).to.equal(methods.length);
    // Those that take many runs wait until they are asked for.
    const drawn = methods.filter((name) => !findMethod(name).needs.includes('runs'));
    await visit.tab.waitForFunction(
      (count) => document.querySelectorAll('.method-card canvas').length === count,
      drawn.length,
    );
    await visit.settled();
    const { maps } = await inNode({ method: drawn });
    const cards = await visit.tab.locator('.method-card').evaluateAll((all) =>
      all.map((one) => {
        const canvas = one.querySelector('canvas');
        if (!canvas) return { title: one.querySelector('.method-name')!.textContent, alpha: undefined };
        const { width, height } = canvas;
        const { data } = canvas.getContext('2d')!.getImageData(0, 0, width, height);
        const alpha = Array.from({ length: width * height }, (_, i) => data[4 * i + 3]!);
        return { title: one.querySelector('.method-name')!.textContent, alpha };
      }),
    );
    const shown = cards.flatMap(({ alpha }) => (alpha ? [alpha] : []));
    expect(shown).to.have.length(maps.length);
    for (const map of maps) {
      // Cards stand by families, maps in the order of the registry: one of the cards has it.
      expect(Math.min(...shown.map((alpha) => distance(alpha, map))), map.method).to.be.at.most(2);
    }
  });

  it('a dear one is drawn when it is asked for, and one that is clicked is looked at', async () => {
    const occlusion = card('Occlusion');
    await occlusion.getByRole('button', { name: 'Draw it' }).click();
    await occlusion.getByRole('progressbar').waitFor();
    await card('HiResCAM').getByRole('button').click();
    await visit.tab.locator('.legend-note', { hasText: 'HiResCAM' }).waitFor();
    await visit.settled();
    expect(await card('HiResCAM').getByRole('button').getAttribute('aria-pressed')).to.equal('true');
    expect(await visit.page.errors()).to.deep.equal([]);
  });
});
