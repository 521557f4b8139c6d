// Questions about drawn scenes, as someone types them.
import type { ExplainOptions } from '@saywhy/node';
import { expect } from 'chai';
import { accessibilityProblems } from '../../support/browsers/axe.js';
import type { Server } from '../../support/browsers/index.js';
import { repository, servePage } from '../../support/page.js';
import { distance, nodeExplainer } from './node.js';
import { Visit } from './visit.js';

const inNode = async (question: string, options: ExplainOptions = {}, scene = 'star-and-circle') => {
  const explainer = await nodeExplainer(repository('models/scenes-vqa.onnx'));
  return explainer.explain({ image: repository(`samples/scenes/${scene}.png`), question }, options);
};

describe('asking about a scene on the page', function () {
  this.timeout(180_000);
  let server: Server;
  let visit: Visit;
  before(async () => {
    server = await servePage();
    visit = await Visit.open(server, { hash: 'mode=ask' });
  });
  beforeEach(async () => {
    await visit.follow(`mode=ask&n=${Math.random()}`);
    await visit.asks('Why “red”?');
  });
  after(async () => {
    await visit?.close();
    await server?.close();
  });

  const field = () => visit.tab.getByRole('textbox', { name: 'Your question' });
  const expectAnswer = async (question: string, options: ExplainOptions = {}, scene?: string): Promise<void> => {
    const { maps, predictions } = await inNode(question, options, scene);
    await visit.asks(`Why “${maps[0]!.target.label}”?`);
    await visit.tab.getByText(`To “${question}”`).waitFor();
    await visit.settled();
    expect(distance(await visit.strengths(), maps[0]!), question).to.be.at.most(2);
    const bars = await visit.tab.getByRole('list', { name: 'Answers' }).getByRole('button').allTextContents();
    expect(bars).to.have.length(predictions.length);
    predictions.forEach(({ label }, i) => {
      expect(bars[i]).to.match(new RegExp(`^${label}`));
    });
  };

  it('opens with an answer, and with nothing that only other modes need', async () => {
    expect(await field().inputValue()).to.equal('what color is the circle?');
    await expectAnswer('what color is the circle?');
    expect(server.asked.filter(({ path }) => /efficientnet|Judge|Caption/.test(path))).to.deep.equal([]);
    expect(await visit.page.errors()).to.deep.equal([]);
  });

  it('the answer follows what is typed, once one stops', async () => {
    await field().fill('');
    await field().pressSequentially('what shape is yellow?', { delay: 15 });
    await expectAnswer('what shape is yellow?');
    expect(await visit.tab.getByRole('alert').count()).to.equal(0);
  });

  it('questions to begin with, and words to go on with', async () => {
    await visit.button('how many stars are there?').click();
    await expectAnswer('how many stars are there?');
    await field().fill('what sh');
    await visit.tab.getByRole('list', { name: 'Go on with' }).getByRole('button', { name: 'shape' }).click();
    expect(await field().inputValue()).to.equal('what shape');
    await visit.tab.keyboard.type(' is red');
    await expectAnswer('what shape is red');
    await visit.tab.getByText('The 38 words that it knows').click();
    const known = visit.tab.getByRole('list', { name: 'Words', exact: true }).getByRole('button');
    expect(await known.allTextContents()).to.include.members(['purple', 'nearest', 'crosses']);
    await visit.tab.getByText('The 38 words that it knows').click();
  });

  it('a word that it does not know is said where one typed, and the last answer stays', async () => {
    await field().fill('what colour is the elephant?');
    await field().press('Enter');
    const problem = visit.tab.getByRole('alert');
    await problem.filter({ hasText: 'elephant' }).waitFor();
    expect(await problem.textContent()).to.include('unknown-word');
    expect(await problem.evaluate((alert) => alert.closest('.card')!.querySelector('#question') !== null)).to.equal(
      true,
    );
    await visit.asks('Why “red”?');
    await field().fill('what colour is the st');
    await problem.waitFor({ state: 'detached' });
    await field().fill('what colour is the star?');
    await field().press('Enter');
    await expectAnswer('what colour is the star?');
    expect(await problem.count()).to.equal(0);
  });

  it('another answer can be asked about, and another method', async () => {
    const { predictions } = await inNode('what color is the circle?');
    const answer = predictions[1]!.label!;
    const bars = visit.tab.getByRole('list', { name: 'Answers' });
    await bars.getByRole('button', { name: new RegExp(`^${answer}`) }).click();
    await expectAnswer('what color is the circle?', { target: { answer } });
    await visit.tab.getByRole('combobox', { name: 'Method' }).selectOption({ label: 'HiResCAM' });
    await visit.tab.getByText('HiResCAM, 12 × 12 cells').waitFor();
    await expectAnswer('what color is the circle?', { target: { answer }, method: 'hires-cam' });
    await visit.tab.getByRole('combobox', { name: 'Method' }).selectOption({ label: 'Grad-CAM' });
    // The question, asked again, is about its first answer.
    await visit.button('what color is the circle?').click();
    await expectAnswer('what color is the circle?');
  });

  it('another scene, and a link to both', async () => {
    await visit.button('two blue crosses and an orange circle').click();
    await visit.button('is there a green thing?').click();
    await expectAnswer('is there a green thing?', {}, 'two-crosses');
    const link = await visit.tab.evaluate(() => location.hash);
    const other = await Visit.open(server, { hash: link.slice(1) });
    try {
      await other.asks('Why “no”?');
      const { maps } = await inNode('is there a green thing?', {}, 'two-crosses');
      expect(distance(await other.strengths(), maps[0]!)).to.be.at.most(2);
    } finally {
      await other.close();
    }
  });

  for (const [scheme, width] of [
    ['light', 320],
    ['dark', 1280],
  ] as const)
    it(`axe finds nothing wrong at ${width} pixels, ${scheme}`, async () => {
      const other = await Visit.open(server, { hash: 'mode=ask', width, height: 800 });
      try {
        await other.tab.emulateMedia({ colorScheme: scheme });
        await other.tab.getByRole('textbox', { name: 'Your question' }).fill('what zebra');
        await other.tab.keyboard.press('Enter');
        await other.tab.getByRole('alert').waitFor();
        await other.tab.getByText('words that it knows').click();
        expect(await accessibilityProblems(other.tab)).to.deep.equal([]);
        expect(await other.overflow()).to.be.at.most(0);
      } finally {
        await other.close();
      }
    });
});
