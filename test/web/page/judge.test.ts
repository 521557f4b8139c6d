// The study of people, as someone who takes part in it.
import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { accessibilityProblems } from '../../support/browsers/axe.js';
import type { Server } from '../../support/browsers/index.js';
import { servePage } from '../../support/page.js';
import { Visit } from './visit.js';

interface SavedStudy {
  readonly study: string;
  readonly seed: number;
  readonly planned: number;
  readonly asked: number;
  readonly models: readonly { readonly name: string; readonly sha256: string }[];
  readonly tally: readonly {
    readonly method: string;
    readonly asked: number;
    readonly right?: number;
    readonly mean: number;
  }[];
  readonly trials: readonly (Record<string, unknown> & {
    readonly method: string;
    readonly shown: unknown;
    readonly offered?: readonly string[];
    readonly answer: unknown;
    readonly right?: boolean;
    readonly score?: number;
  })[];
}

describe('judging maps on the page', function () {
  this.timeout(300_000);
  let server: Server;
  let visit: Visit;
  before(async () => {
    server = await servePage();
  });
  afterEach(() => visit?.close());
  after(() => server?.close());

  const start = async (size: { width?: number; height?: number } = {}): Promise<void> => {
    visit = await Visit.start(server, { hash: 'mode=judge', ...size });
    await visit.button('Begin').waitFor();
  };
  const choices = () => visit.tab.getByRole('group', { name: 'Answers' }).getByRole('button');
  /** Waits until the n-th question can be answered, and gives the answers that it allows. */
  const trial = async (n: number, of: number): Promise<string[]> => {
    await visit.tab.getByText(`${n} of ${of}`, { exact: true }).waitFor();
    await visit.tab.locator('.judge-choices [aria-disabled=false]').first().waitFor();
    const texts = await choices().allTextContents();
    return texts.map((text) => text.replace(/^\d\s*/, ''));
  };
  const saved = async (): Promise<SavedStudy> => {
    const [download] = await Promise.all([visit.tab.waitForEvent('download'), visit.button('Save as JSON').click()]);
    return JSON.parse(await readFile(await download.path(), 'utf8')) as SavedStudy;
  };

  it('which of the two: by keys, stopped half-way, counted as it was answered', async () => {
    await start();
    await visit.tab.getByRole('radio', { name: '10' }).check();
    await visit.tab.getByRole('spinbutton', { name: 'Seed of the order' }).fill('7');
    await visit.button('Begin').click();
    const pressed: string[] = [];
    for (let n = 1; n <= 4; n++) {
      const offered = await trial(n, 10);
      expect(new Set(offered)).to.have.property('size', 2);
      // Nothing tells whose map it is.
      expect(await visit.tab.locator('.judge').textContent()).to.not.match(/Grad|Guided|Deconv/i);
      const chosen = (n - 1) % 2;
      // The keys 1 and 2 answer; the arrow keys go to an answer, and Enter gives it.
      if (n < 3) await visit.tab.keyboard.press(String(n));
      else {
        await visit.tab.keyboard.press(chosen === 0 ? 'ArrowLeft' : 'ArrowRight');
        await visit.tab.keyboard.press('ArrowLeft');
        if (chosen === 1) await visit.tab.keyboard.press('ArrowRight');
        await visit.tab.keyboard.press('Enter');
      }
      pressed.push(offered[chosen]!);
    }
    await trial(5, 10);
    await visit.button('Stop, and see the tally').click();
    const study = await saved();
    expect(study).to.include({ study: 'discrimination', seed: 7, planned: 10, asked: 4 });
    expect(study.models.map(({ name }) => name)).to.deep.equal(['efficientnet-lite0']);
    expect(study.trials.map(({ answer }) => answer)).to.deep.equal(pressed);
    for (const { shown, answer, right, offered } of study.trials) {
      expect(offered).to.include(shown);
      expect(right).to.equal(shown === answer);
    }
    for (const { method, asked, right } of study.tally) {
      const own = study.trials.filter((one) => one.method === method);
      expect([asked, right]).to.deep.equal([own.length, own.filter((one) => one.right).length]);
    }
    const rows = await visit.tab.locator('tbody tr').allTextContents();
    expect(rows).to.have.length(study.tally.length);
    study.tally.forEach(({ asked, right }, i) => {
      expect(rows[i]).to.include(`${right} of ${asked}`);
    });
    await visit.tab.getByText('0 requests left this page').waitFor();
    expect(await visit.page.errors()).to.deep.equal([]);
  });

  it('which one to trust: five answers, and a score for the better model', async () => {
    await start();
    await visit.tab.getByRole('radio', { name: 'Which one to trust?' }).check();
    await visit.tab.getByRole('radio', { name: '10' }).check();
    await visit.button('Begin').click();
    for (let n = 1; n <= 3; n++) {
      expect(await trial(n, 10)).to.have.length(5);
      await visit.headline.filter({ hasText: /^Both models say “.+”\. Which map do you trust more\?$/ }).waitFor();
      expect(await visit.tab.locator('.judge canvas').count()).to.equal(2);
      const pictures = await visit.tab
        .locator('.judge canvas')
        .evaluateAll((all) => all.map((canvas) => (canvas as HTMLCanvasElement).toDataURL()));
      expect(pictures[0]).to.not.equal(pictures[1]);
      await choices()
        .nth(n === 1 ? 0 : n === 2 ? 4 : 2)
        .click();
    }
    await trial(4, 10);
    await visit.button('Stop, and see the tally').click();
    const study = await saved();
    expect(study.models.map(({ name }) => name)).to.deep.equal(['efficientnet-lite0', 'efficientnet-lite2']);
    expect(study.trials.map(({ answer }) => answer)).to.deep.equal([-2, 2, 0]);
    for (const { shown, answer, score } of study.trials) {
      // The score is the better model's: of the answer if its map was the second one.
      const isSecond = (shown as string[])[1] === 'efficientnet-lite2';
      expect(score).to.equal((answer as number) === 0 ? 0 : isSecond ? answer : -(answer as number));
    }
  });

  it('the picture is dark but for the map', async () => {
    await start();
    await visit.button('Begin').click();
    await trial(1, 20);
    const [dark, bright] = await visit.tab.locator('.judge canvas').evaluate((element) => {
      const canvas = element as HTMLCanvasElement;
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
      const lights = Array.from(
        { length: data.length / 4 },
        (_, i) => data[4 * i]! + data[4 * i + 1]! + data[4 * i + 2]!,
      );
      lights.sort((a, b) => a - b);
      return [lights[Math.floor(lights.length / 2)]!, lights.at(-1)!] as const;
    });
    expect(dark).to.be.lessThan(200);
    expect(bright).to.be.greaterThan(300);
  });

  for (const scheme of ['light', 'dark'] as const)
    it(`axe finds nothing wrong, ${scheme}, also on a phone`, async () => {
      await start({ width: scheme === 'light' ? 320 : 1280, height: 800 });
      await visit.tab.emulateMedia({ colorScheme: scheme });
      const check = async (): Promise<void> => {
        expect(await accessibilityProblems(visit.tab)).to.deep.equal([]);
        expect(await visit.overflow()).to.be.at.most(0);
      };
      await check();
      await visit.button('Begin').click();
      await trial(1, 20);
      await check();
      await visit.tab.keyboard.press('1');
      await trial(2, 20);
      await visit.button('Stop, and see the tally').click();
      await visit.tab.locator('table').waitFor();
      await check();
    });
});
