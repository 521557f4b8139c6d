// Looking closely: layers, methods, cells, colours, values.
import { expect } from 'chai';
import type { Server } from '../../support/browsers/index.js';
import { servePage } from '../../support/page.js';
import { expectSameMap, inNode, nodeExplainer } from './node.js';
import { Visit } from './visit.js';

describe('looking closely at a map on the page', function () {
  this.timeout(180_000);
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

  const method = () => visit.tab.getByRole('combobox', { name: 'Method' });

  it('the slider goes over all layers, by their names', async () => {
    const { layers } = (await nodeExplainer('efficientnet-lite0')).model;
    const slider = visit.tab.getByRole('slider', { name: 'Layer', exact: true });
    expect(await slider.getAttribute('max')).to.equal(String(layers.length - 1));
    for (const [key, at] of [
      ['ArrowLeft', layers.length - 2],
      ['Home', 0],
      ['ArrowRight', 1],
    ] as const) {
      await slider.focus();
      await visit.tab.keyboard.press(key);
      await visit.settled();
      const { name } = layers[at]!;
      expect(await slider.getAttribute('aria-valuetext')).to.match(
        new RegExp(`^${name}, .*${at + 1} of ${layers.length}$`),
      );
      expect(await visit.tab.locator('.layer-name code').textContent()).to.equal(name);
      const grid = layers[at]!.shape.slice(2).join(' × ');
      expect(await visit.tab.locator('.legend-note').first().textContent()).to.include(`${grid} cells`);
      const said = await visit.savedJson();
      expect(said.layer).to.equal(name);
      // Everything that a layer needs of the forward run is asked for once.
      expectSameMap(await visit.savedMap(), (await inNode({ layer: name })).maps[0]!.raw);
    }
    await visit.button(/^Back to the last/).click();
    await visit.settled();
    expect(await slider.inputValue()).to.equal(String(layers.length - 1));
  });

  it('every method is there with its cost, and its warning where one is due', async () => {
    const { methods } = (await nodeExplainer('efficientnet-lite0')).model;
    const options = method().locator('option');
    expect(await options.evaluateAll((all) => all.map((one) => (one as HTMLOptionElement).value)))
      .to.have.members(methods)
      .and.have.length(methods.length);
    await method().selectOption('guided-backprop');
    await visit.settled();
    await visit.tab.getByText('Costs one backward run through the whole model.').first().waitFor();
    await visit.tab.getByText(/its maps hardly change when the weights are randomised/).waitFor();
    await visit.tab.getByText('it needs no layer').waitFor();
    expect(await visit.tab.getByRole('slider', { name: 'Layer', exact: true }).isDisabled()).to.equal(true);
    await method().selectOption('saliency');
    await visit.settled();
    expect((await visit.savedMap()).shape).to.deep.equal([3, 224, 224]);
  });

  it('the layer’s own cells or smooth, with the grid’s size; lines; colours; strength; the photograph', async () => {
    const size = () => visit.map.evaluate((canvas) => [(canvas as HTMLCanvasElement).width, canvas.clientWidth]);
    const colours = () =>
      visit.map.evaluate((canvas) => {
        const { width, height } = canvas as HTMLCanvasElement;
        const { data } = (canvas as HTMLCanvasElement).getContext('2d')!.getImageData(0, 0, width, height);
        // What is transparent has no colour.
        const seen = new Set<number>();
        for (let i = 0; i < data.length; i += 4)
          if (data[i + 3]! > 128) seen.add((data[i]! << 16) | (data[i + 1]! << 8) | data[i + 2]!);
        return [...seen];
      });
    expect((await size())[0]).to.be.greaterThan(100);
    await visit.tab.getByRole('radio', { name: '7 × 7 cells' }).check();
    await visit.settled();
    expect((await size())[0]).to.equal(7);
    const before = await colours();
    expect(await visit.tab.locator('.viewer .contours').count()).to.equal(0);

    await visit.button('Colours and lines').click();
    await visit.tab.getByRole('combobox', { name: 'Colours' }).selectOption('jet');
    await visit.settled();
    // Jet's strongest is red or orange; of the usual colours none is a pure one.
    const strong = (list: readonly number[]): number => list.filter((colour) => (colour & 0xff) === 0).length;
    expect([strong(before), strong(await colours()) > 0]).to.deep.equal([0, true]);
    await visit.tab.getByRole('checkbox', { name: 'Lines at ¼, ½ and ¾' }).check();
    await visit.tab.locator('.viewer .stage svg path').first().waitFor();

    const strength = visit.tab.getByRole('slider', { name: 'Strength' });
    await strength.focus();
    await visit.tab.keyboard.press('Home');
    await visit.settled();
    expect(await visit.map.evaluate((canvas) => getComputedStyle(canvas).opacity)).to.equal('0');
    await visit.tab.getByRole('radio', { name: 'hidden' }).check();
    await visit.settled();
    const photo = visit.tab.locator('.viewer .photo').first();
    expect(
      await photo.evaluate((image) => getComputedStyle(image).visibility + getComputedStyle(image).opacity),
    ).to.match(/^hidden|0$/);
    await visit.button('Colours and lines').click();
  });

  it('the value under the pointer is the map’s own, and the arrow keys read it cell by cell', async () => {
    const { raw } = (await inNode()).maps[0]!;
    const value = (row: number, column: number): number => raw.data[row * 7 + column]!;
    // It is told in three digits.
    const expectReading = (text: string, expected: number): void => {
      expect(Number.parseFloat(text)).to.be.closeTo(expected, 0.006 * expected);
    };
    await visit.map.scrollIntoViewIfNeeded();
    const box = (await visit.map.boundingBox())!;
    const note = visit.tab.locator('.legend-note').first();
    for (const [row, column] of [
      [5, 3],
      [4, 4],
    ] as const) {
      await visit.tab.mouse.move(box.x + ((column + 0.5) / 7) * box.width, box.y + ((row + 0.5) / 7) * box.height);
      await visit.settled();
      const text = (await note.textContent())!;
      expect(text).to.include(`row ${row + 1} of 7, column ${column + 1} of 7`);
      expectReading(text, value(row, column));
    }
    await visit.tab.mouse.move(0, 0);
    const probe = visit.tab.getByRole('slider', { name: /^Values of the map/ });
    await probe.focus();
    await visit.tab.keyboard.press('ArrowDown');
    await visit.tab.keyboard.press('ArrowDown');
    await visit.tab.keyboard.press('ArrowRight');
    await visit.settled();
    const spoken = (await probe.getAttribute('aria-valuetext'))!;
    expect(spoken).to.match(/row 5 of 7, column 5 of 7$/);
    expectReading(spoken, value(4, 4));
    await visit.tab.keyboard.press('Escape');
  });

  it('why it is blank, and what to do', async () => {
    await visit.follow('picture=espresso.jpg&class=640');
    await visit.asks('Why “manhole cover”?');
    const blank = visit.tab.locator('.viewing .problem');
    expect(await blank.textContent()).to.include('nothing in the layer _swish_1 speaks for manhole cover');
    await blank.getByText('Show what speaks against it too').click();
    await visit.asks('What speaks for and against “manhole cover”?');
    await blank.waitFor({ state: 'detached' });
    expect(await visit.tab.locator('.legend-scale').textContent()).to.match(/against −[\d.]+.*for [\d.]+/);
  });

  it('a weak one is drawn weakly, and stretched when that is asked for', async () => {
    const isSeen = () =>
      visit.map.evaluate((canvas) => {
        const { width, height } = canvas as HTMLCanvasElement;
        const { data } = (canvas as HTMLCanvasElement).getContext('2d')!.getImageData(0, 0, width, height);
        return data.some((value, i) => i % 4 === 3 && value > 100);
      });
    await visit.follow('picture=hens.jpg&class=822');
    await visit.tab.locator('.legend-faint').waitFor();
    expect(await isSeen()).to.equal(false);
    await visit.button('Stretch it all the same').click();
    await visit.tab.locator('.legend-faint').waitFor({ state: 'detached' });
    await visit.settled();
    expect(await isSeen()).to.equal(true);
  });

  it('raised no error all the while', async () => {
    expect(await visit.page.errors()).to.deep.equal([]);
  });
});
