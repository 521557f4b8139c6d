// Someone who asks in words, or has a picture captioned: what they do and see in those modes, and what Node says of the same.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseModel, writeModel } from '@saywhy/autodiff';
import { createExplainer, type ExplainerOptions } from '@saywhy/node';
import { expect } from 'chai';
import { temporaryFolder } from '../../node/cli/run.js';
import type { Server } from '../../support/browsers/index.js';
import { repository, servePage } from '../../support/page.js';
import { distance } from './node.js';
import { Visit, type VisitOptions } from './visit.js';

export const photograph = repository('samples/cat-and-dog.png');
export const scene = repository('samples/scenes/star-and-circle.png');
export const vqa = repository('models/scenes-vqa.onnx');
export const captioner = repository('models/scenes-caption.onnx');

export async function answerOf(model: string, image: string, question: string) {
  await using explainer = await createExplainer(model);
  return explainer.explain({ image, question });
}

/** A caption with a map for each word and one for all of them. */
export async function captionOf(model: string, image: string, options: ExplainerOptions = {}) {
  await using explainer = await createExplainer(model, options);
  const caption = await explainer.caption(image);
  const target = [...caption.words.map(({ id, at }) => ({ token: id, at })), { caption: true } as const];
  const { maps } = await explainer.explain(image, { target });
  return { caption, maps };
}

/** A model that reads questions and whose file does not say how, and what it does not say. */
export async function withoutWords(): Promise<{ readonly model: Uint8Array; readonly words: string }> {
  const model = parseModel(await readFile(vqa));
  const metadata = new Map(model.metadata);
  const words = metadata.get('saywhy.tokenizer')!;
  metadata.delete('saywhy.tokenizer');
  return { model: writeModel({ ...model, metadata }), words };
}

/** A server, and a visit for each test, whose page has no errors in the end; files that are dropped. */
export function talking() {
  const folder = temporaryFolder();
  let server: Server;
  let visit: Visit;
  before(async () => {
    server = await servePage();
  });
  afterEach(async () => {
    expect(await visit.page.errors()).to.deep.equal([]);
    await visit.close();
  });
  after(() => server?.close());
  return {
    open: async (options: VisitOptions = {}) => {
      visit = await Visit.open(server, options);
      return { visit, talk: new Talk(visit) };
    },
    written: async (name: string, content: string | Uint8Array): Promise<string> => {
      const path = join(folder(), name);
      await writeFile(path, content);
      return path;
    },
  };
}

export class Talk {
  constructor(readonly visit: Visit) {}

  get modes() {
    return this.visit.tab.getByRole('navigation', { name: 'Modes' });
  }

  get question() {
    return this.visit.tab.getByRole('textbox', { name: 'Your question' });
  }

  get model() {
    return this.visit.tab.getByRole('combobox', { name: 'Model' });
  }

  get strip() {
    return this.visit.tab.getByRole('navigation', { name: 'Pictures' });
  }

  get words() {
    return this.visit.tab.locator('.caption-word');
  }

  /** What is said where a model that has seen drawings only is shown something else. */
  get scenesOnly() {
    return this.visit.tab.getByText('knows drawn scenes only');
  }

  picture(name: string) {
    return this.visit.tab.locator('.viewer').getByRole('img', { name, exact: true });
  }

  goTo(mode: string): Promise<void> {
    return this.modes.getByRole('link', { name: mode }).click();
  }

  async mode(): Promise<string> {
    return (await this.modes.locator('[aria-current=page]').allTextContents()).join();
  }

  async modelInUse(): Promise<string | null> {
    return this.model.locator('option:checked').textContent();
  }

  hash(): Promise<string> {
    return this.visit.tab.evaluate(() => decodeURIComponent(location.hash));
  }

  /** Waits for a model to be in use. */
  async opened(title: string): Promise<void> {
    await this.visit.tab.getByRole('heading', { name: `${title} says` }).waitFor();
  }

  async ask(question: string): Promise<void> {
    await this.question.fill(question);
    await this.question.press('Enter');
    await this.visit.tab.getByText(`To “${question}”`).waitFor();
    await this.visit.settled();
  }

  async expectCaption({ caption, maps }: Awaited<ReturnType<typeof captionOf>>): Promise<void> {
    const tokens = caption.words.map(({ token }) => token);
    await this.visit.headline.filter({ hasText: tokens.join('') }).waitFor();
    await this.visit.settled();
    expect(await this.words.allTextContents()).to.deep.equal(tokens);
    expect(distance(await this.visit.strengths(), maps.at(-1)!)).to.be.at.most(2);
  }
}
