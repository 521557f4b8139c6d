// One's own models and pictures: dropped, chosen, pasted, photographed.
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { createExplainer } from '@saywhy/node';
import { expect } from 'chai';
import { temporaryFolder } from '../../node/cli/run.js';
import type { Server } from '../../support/browsers/index.js';
import { withExternalData } from '../../support/external.js';
import { smallNet } from '../../support/nets.js';
import { repository, servePage } from '../../support/page.js';
import { expectSameMap } from './node.js';
import { Visit } from './visit.js';

const picture = repository('samples/cat-and-dog.png');
const labels = Array.from({ length: 10 }, (_, i) => `thing number ${i}`);

describe('one’s own files on the page', function () {
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

  const opened = (name: string): Promise<void> =>
    visit.tab
      .getByRole('heading', { name: `${name} says` })
      .waitFor()
      .then(() => visit.settled());

  const expectNodes = async (model: string, file: string): Promise<void> => {
    await using explainer = await createExplainer(model);
    const { maps, predictions } = await explainer.explain(file);
    const said = await visit.savedJson();
    expect(said.image).to.equal(basename(file));
    expect(said.predictions.map(({ label }) => label)).to.deep.equal(predictions.map(({ label }) => label));
    expectSameMap(await visit.savedMap(), maps[0]!.raw);
  };

  it('a detector: what it sees is framed, and each class is one answer', async () => {
    const face = repository('samples/astronaut.jpg');
    await visit.drop(repository('models/blazeface.onnx'), face);
    await opened('blazeface');
    await visit.asks('Why “face”?');
    await using explainer = await createExplainer('blazeface');
    const box = (await explainer.predict(face)).predictions[0]!.box!;
    const seen = await visit.tab.locator('.viewer .detected').evaluate((frame) => {
      const [inner, outer] = [frame, frame.closest('.frame')!].map((one) => one.getBoundingClientRect());
      const image = document.querySelector<HTMLImageElement>('.viewer .photo')!;
      const scale = image.naturalWidth / outer.width;
      return [inner.x - outer.x, inner.y - outer.y, inner.width, inner.height].map((value) => value * scale);
    });
    for (const [i, value] of [box.x, box.y, box.width, box.height].entries())
      expect(seen[i], `${i} of ${seen}`).to.be.closeTo(value, 3);
    expect(await visit.tab.getByRole('list', { name: 'Answers of blazeface' }).getByRole('listitem').count()).to.equal(
      1,
    );
  });

  it('a folder as Hugging Face has them', async () => {
    const place = join(folder(), 'my-model');
    await mkdir(join(place, 'onnx'), { recursive: true });
    await cp(repository('test/fixtures/nets/plain.torchscript.onnx'), join(place, 'onnx/model.onnx'));
    const id2label = Object.fromEntries(labels.map((_, i) => [i, `of the folder ${i}`]));
    await writeFile(join(place, 'config.json'), JSON.stringify({ id2label }));
    const processor = { image_processor_type: 'ViTImageProcessor', do_resize: true, size: { height: 32, width: 32 } };
    await writeFile(join(place, 'preprocessor_config.json'), JSON.stringify(processor));
    await visit.drop(place);
    await opened('model');
    await visit.headline.filter({ hasText: 'of the folder' }).waitFor();
    await visit.tab.getByText('Resize to 32 × 32 pixels').waitFor();
  });

  it('a model with its weights beside it', async () => {
    const { model, weights } = withExternalData(smallNet({ size: 24 }), 'weights.bin');
    const place = join(folder(), 'split.onnx');
    await writeFile(place, model);
    await writeFile(join(folder(), 'weights.bin'), weights);
    await visit.drop(join(folder(), 'weights.bin'), place);
    await opened('split');
    await visit.choose(visit.button(/^Yours/), picture);
    await visit.tab.locator('.viewer').getByRole('img', { name: 'cat-and-dog.png', exact: true }).waitFor();
    await visit.settled();
    await expectNodes(place, picture);
    expect((await visit.savedJson()).layer).to.not.equal('');
  });

  it('a model, its labels, its preprocessing and a picture in one drop, whatever their names', async () => {
    const place = join(folder(), 'together');
    await mkdir(place);
    const files = ['macaw.jpg', 'residual.onnx', 'picture.png', 'a.txt'].map((name) => join(place, name));
    await cp(repository('samples/macaw.jpg'), files[0]!);
    await cp(repository('test/fixtures/nets/residual.torchscript.onnx'), files[1]!);
    await writeFile(files[2]!, labels.join('\n'));
    await writeFile(files[3]!, '{"steps": [{"resize": {"size": [32, 32]}}, {"rescale": 0.00392156862745098}]}');
    await visit.drop(...files);
    await opened('residual');
    await visit.headline.filter({ hasText: /^Why “thing number \d”\?$/ }).waitFor();
    await visit.settled();
    expect((await visit.savedJson()).image).to.equal('macaw.jpg');
    const preprocessing = visit.tab.locator('.preprocessing');
    expect(await preprocessing.textContent()).to.match(/as you said.*Resize to 32 × 32 pixels.*Divide by 255/s);
    await visit.tab.getByText('your own files stay with you').waitFor();
  });

  it('a model that says nothing of itself: what is guessed is said', async () => {
    const place = join(folder(), 'bare.onnx');
    await cp(repository('test/fixtures/nets/residual.torchscript.onnx'), place);
    await visit.drop(place);
    await opened('bare');
    await visit.headline.filter({ hasText: /^Why “class \d”\?$/ }).waitFor();
    expect(await visit.tab.locator('.notes').textContent()).to.include('preprocess guessed');
    expect(await visit.tab.locator('.preprocessing').textContent()).to.include('guessed');
  });

  it('labels for the model that is open', async () => {
    await writeFile(join(folder(), 'ten.txt'), [...'abcdefghij'].join('\n'));
    await visit.choose(visit.button('Give labels…'), join(folder(), 'ten.txt'));
    await visit.headline.filter({ hasText: /Why “[a-j]”\?/ }).waitFor();
  });

  it('a picture from the clipboard', async () => {
    await visit.tab.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await visit.page.evaluate(async () => {
      const canvas = new OffscreenCanvas(90, 60);
      const context = canvas.getContext('2d')!;
      context.fillStyle = 'teal';
      context.fillRect(0, 0, 45, 60);
      const blob = await canvas.convertToBlob({ type: 'image/png' });
      await navigator.clipboard.write([new ClipboardItem({ 'image/png': blob })]);
    });
    await visit.tab.keyboard.press('Control+V');
    await visit.tab.locator('.viewer').getByRole('img', { name: 'image.png', exact: true }).waitFor();
    await visit.settled();
    const photo = visit.tab.locator('.viewer .photo').first();
    expect(await photo.evaluate((image) => (image as HTMLImageElement).naturalWidth)).to.equal(90);
    expect(await visit.map.isVisible()).to.equal(true);
  });

  it('a picture from the camera', async () => {
    await visit.button('Camera').click();
    await visit.tab.locator('.camera').getByRole('button', { name: 'Back' }).click();
    await visit.button('Camera').click();
    await visit.button('Take the picture').click();
    await visit.tab
      .locator('.viewer')
      .getByRole('img', { name: /^camera / })
      .waitFor();
    await visit.settled();
    expect(await visit.map.isVisible()).to.equal(true);
    expect(await visit.tab.locator('video').count()).to.equal(0);
  });

  it('raised no error all the while, and left the page for nowhere', async () => {
    expect(await visit.page.errors()).to.deep.equal([]);
    await visit.tab.getByText('0 requests left this page').waitFor();
  });
});
