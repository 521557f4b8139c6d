// What goes wrong, told in the place where one acted, with a way on.
import { truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { temporaryFolder } from '../../node/cli/run.js';
import type { Server } from '../../support/browsers/index.js';
import { smallNet } from '../../support/nets.js';
import { servePage } from '../../support/page.js';
import { Visit } from './visit.js';

describe('trouble on the page', function () {
  this.timeout(180_000);
  const folder = temporaryFolder();
  let server: Server;
  let visit: Visit;
  before(async () => {
    server = await servePage();
    visit = await Visit.open(server);
  });
  beforeEach(() => visit.reset());
  after(async () => {
    await visit?.close();
    await server?.close();
  });

  const file = async (name: string, content: string | Uint8Array): Promise<string> => {
    const path = join(folder(), name);
    await writeFile(path, content);
    return path;
  };
  const trouble = (text: string | RegExp) => visit.tab.getByRole('alert').filter({ hasText: text });
  const backToLite0 = async (): Promise<void> => {
    // What was refused at the door never became the model, so that choosing the old one again changes nothing.
    for (const dismiss of await visit.button('Dismiss').all()) await dismiss.click();
    await visit.tab.getByRole('combobox', { name: 'Model' }).selectOption({ label: 'EfficientNet-Lite0' });
    await visit.asks('Why “');
    await visit.map.waitFor();
    expect(await visit.tab.getByRole('alert').count()).to.equal(0);
  };

  const html = '<!doctype html><html><head><title>Not found</title></head><body>Sign in</body></html>';
  const models: readonly (readonly [what: string, name: string, content: string | Uint8Array, told: RegExp])[] = [
    ['a page called .onnx', 'download.onnx', html, /(HTML|markup).*/s],
    ['PyTorch’s own format', 'model.onnx', 'PK\x03\x04 and so on', /zip archive.*torch\.onnx\.export.*not-a-model/s],
    ['nothing', 'empty.onnx', '', /empty.*(not-a-model|unknown-file)/s],
    ['half a model', 'half.onnx', smallNet().subarray(0, 800), /invalid-model/],
  ];
  it('a link that names what is not here says what that is, and shows what is', async () => {
    await visit.follow('model=no-model&method=no-method&beside=model:no-other&picture=nothing.png');
    const problem = trouble('not-in-this-page');
    await problem.waitFor();
    const told = await problem.textContent();
    for (const name of ['no-model', 'no-method', 'no-other', 'nothing.png']) expect(told).to.include(`“${name}”`);
    await visit.asks('Why “Egyptian cat”?');
    expect(await visit.tab.evaluate(() => location.hash)).to.not.include('no-');
    await problem.getByRole('button', { name: 'Dismiss' }).click();
    await problem.waitFor({ state: 'detached' });
  });

  it('a picture that cannot be read goes when that has been read, and the one before is there again', async () => {
    const pictures = visit.tab.getByRole('navigation', { name: 'Pictures' });
    const before = await pictures.getByRole('button').count();
    await visit.drop(await file('cut.jpg', Buffer.from('\xff\xd8\xff\xe0 and nothing more', 'latin1')));
    const problem = trouble('cut.jpg');
    await problem.waitFor();
    await problem.getByRole('button', { name: 'Dismiss' }).click();
    await visit.asks('Why “Egyptian cat”?');
    expect(await pictures.getByRole('button').count()).to.equal(before);
  });

  for (const [what, name, content, told] of models) {
    it(`a model that is ${what}`, async () => {
      await visit.choose(visit.button('Open model…'), await file(name, content));
      await trouble(told).waitFor();
      expect(await trouble(told).evaluate((alert) => alert.closest('.panel') !== null)).to.equal(true);
      await backToLite0();
    });
  }

  const pictures: readonly (readonly [what: string, name: string, content: string | Uint8Array, told: RegExp])[] = [
    ['cut short', 'cut.png', '\x89PNG\r\n\x1a\n and nothing more', /cut\.png/],
  ];
  for (const [what, name, content, told] of pictures) {
    it(`a picture that is ${what}`, async () => {
      const bytes = typeof content === 'string' ? Buffer.from(content, 'latin1') : content;
      await visit.drop(await file(name, bytes));
      await trouble(told).waitFor();
      expect(await trouble(told).evaluate((alert) => alert.closest('.viewing') !== null)).to.equal(true);
      await visit.button('A koala in a tree').click();
      await visit.asks('Why “koala”?');
      expect(await visit.tab.getByRole('alert').count()).to.equal(0);
    });
  }

  it('what was wrong with one model is over once the next is opened', async () => {
    await visit.choose(visit.button('Open model…'), await file('notes.txt', '<!doctype html><title>Notes</title>'));
    await trouble('notes.txt was not used').waitFor();
    await visit.choose(visit.button('Open model…'), await file('small.onnx', smallNet()));
    await visit.tab.getByRole('heading', { name: 'small says' }).waitFor();
    await visit.settled();
    expect(await visit.tab.getByRole('alert').count()).to.equal(0);
    await backToLite0();
  });

  it('labels of other classes: they are refused, and the model stays as it was', async () => {
    await visit.choose(visit.button('Give labels…'), await file('three.txt', 'a\nb\nc\n'));
    await trouble(/3 labels for 1000 scores.*not taken.*labels-mismatch/s).waitFor();
    expect(await trouble('3 labels').evaluate((alert) => alert.closest('.panel') !== null)).to.equal(true);
    await visit.asks('Why “koala”?');
    // Nor are they remembered.
    await visit.tab.reload();
    await visit.asks('Why “');
    expect(await visit.bar('koala').count()).to.equal(1);
    expect(await visit.tab.getByRole('alert').count()).to.equal(0);
  });

  it('a model so large that it may fail is opened only when that is said again', async () => {
    const path = await file('large.onnx', smallNet());
    // Holes take no room on the disk.
    await truncate(path, 1.2e9);
    await visit.choose(visit.button('Open model…'), path);
    await visit.tab.getByText(/large is large\. .*it may fail/).waitFor();
    await visit.button('Open it: 1200 MB').waitFor();
    await backToLite0();
  });

  it('preprocessing that makes no sense', async () => {
    await visit.tab.getByText('Change it').click();
    const box = visit.tab.getByRole('textbox', { name: /JSON/ });
    for (const [text, told] of [
      ['{', /This is not JSON/],
      ['{"steps": [{"resize": {"shortest": -1}}]}', /shortest.*invalid-preprocess/s],
    ] as const) {
      await box.fill(text);
      await visit.button('Use it').click();
      await trouble(told).waitFor();
    }
    await visit.button('As it was').click();
    await trouble(/./).waitFor({ state: 'detached' });
  });
});
