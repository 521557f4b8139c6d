import { createHash } from 'node:crypto';
import {
  createExplainer,
  type Explanation,
  type ExplanationMap,
  loadPicture,
  type Picture,
  reportHtml,
} from '@saywhy/node';
import { expect } from 'chai';

const picture: Picture = { data: new Uint8ClampedArray(40 * 30 * 4).fill(120), width: 40, height: 30 };

const map = (changes: Partial<ExplanationMap> = {}): ExplanationMap => ({
  method: 'grad-cam',
  target: { text: 'tabby', index: 1, label: 'tabby', value: 4 },
  layer: { name: 'layer4', tensor: 'relu_9', shape: [1, 8, 2, 2] },
  data: Float32Array.from({ length: 64 }, (_, i) => i / 63),
  shape: [8, 8],
  raw: { data: Float32Array.of(0, 1, 2, 3), shape: [2, 2] },
  range: [0, 3],
  signed: false,
  ...changes,
});

const explanation = (changes: Partial<Explanation> = {}): Explanation => ({
  predictions: [{ index: 1, label: 'tabby', logit: 4, probability: 0.7 }],
  maps: [map()],
  region: { x: 5, y: 0, width: 30, height: 30 },
  model: 'net',
  device: 'cpu',
  timings: { preprocess: 1, forward: 2, backward: 0.5, map: 0.1 },
  warnings: [],
  provenance: { model: { name: 'net', sha256: 'ab'.repeat(32) }, versions: { saywhy: '0.1.0' } },
  ...changes,
});

const page = (changes: Partial<Explanation> = {}, name = 'cat.png'): Promise<string> =>
  reportHtml([{ name, picture, explanation: explanation(changes) }]);

/** Everything that a browser would load or lead to: values of src, href and the like, and of url(). */
function references(html: string): string[] {
  const attributes = [...html.matchAll(/\s(?:src|href|srcset|data|action|poster|xlink:href)\s*=\s*"([^"]*)"/gi)];
  const urls = [...html.matchAll(/url\(\s*["']?([^)"']*)/gi)];
  return [...attributes, ...urls].map(([, value]) => value!);
}

describe('the report', () => {
  it('needs no network: everything is embedded', async () => {
    const html = await page();
    const all = references(html);
    expect(all.length).to.be.greaterThan(3);
    for (const reference of all) expect(reference.slice(0, 40)).to.match(/^(data:image\/(png|jpeg);base64,|#)/);
    expect(html).to.not.match(/<(link|iframe|object|embed|base)\b|@import|\bfetch\(|XMLHttpRequest/i);
    expect(html).to.match(/default-src 'none'; img-src data:/);
  });

  it('allows its one script by its hash', async () => {
    const html = await page();
    const scripts = [...html.matchAll(/<script>([\s\S]*?)<\/script>/g)];
    expect(scripts).to.have.length(1);
    const hash = createHash('sha256').update(scripts[0]![1]!).digest('base64');
    expect(html).to.include(`script-src 'sha256-${hash}'`);
  });

  it('escapes what comes from other people: file names, labels, models, warnings', async () => {
    const evil = `"><img src=x onerror=alert(1)><script>alert('2')</script>&amp;`;
    const html = await reportHtml(
      [
        {
          name: evil,
          picture,
          explanation: explanation({
            model: evil,
            predictions: [{ index: 1, label: evil, logit: 4, probability: 0.7 }],
            maps: [
              map({ target: { text: evil, label: evil, value: 1 }, layer: { name: evil, tensor: evil, shape: [1] } }),
            ],
            warnings: [{ code: 'x', message: evil }],
            provenance: { model: { name: evil, sha256: evil }, versions: { [evil]: evil } },
          }),
        },
      ],
      { command: evil },
    );
    expect(html.match(/<script/g)).to.have.length(1);
    expect(html).to.not.include('<img src=x');
    expect(html.replace(/"[^"]*"/g, '""')).to.not.match(/<[a-z][^>]*\sonerror/i);
    expect(html).to.include('&#34;&#62;&#60;img src=x onerror=alert(1)&#62;');
  });

  it('names the grid, the values at the ends of the colours, device, hash and times', async () => {
    const html = await page();
    for (const said of ['2 × 2 cells', 'layer4', '>3<', 'cpu', 'ab'.repeat(32), 'forward 2', '70', 'logit 4']) {
      expect(html).to.include(said);
    }
    expect(html).to.match(/aria-label="grad-cam map of net for tabby over cat\.png: strongest at the bottom right\."/);
  });

  it('has both views of a coarse map, one of a fine map', async () => {
    expect((await page()).match(/<img class="cells"/g)).to.have.length(1);
    const fine = map({ method: 'saliency', raw: { data: new Float32Array(3 * 64).fill(1), shape: [3, 8, 8] } });
    const html = await page({ maps: [fine] });
    expect(html).to.not.include('<img class="cells"');
    expect(html).to.include('8 × 8 values');
  });

  it('says that a map is blank rather than showing one colour', async () => {
    const blank = map({ data: new Float32Array(64), raw: { data: new Float32Array(4), shape: [2, 2] }, range: [0, 0] });
    const html = await page({ maps: [blank] });
    expect(html).to.include('Blank: the map is 0 everywhere.');
    expect(html).to.include('strongest nowhere');
  });

  it('puts the warning of a method beside the method, others before all', async () => {
    await using explainer = await createExplainer('efficientnet-lite0');
    const real = await explainer.explain(picture, { method: ['grad-cam', 'guided-backprop'], target: 'tabby' });
    const warnings = [...real.warnings, { code: 'labels-mismatch', message: 'Labels may be wrong.' }];
    const html = await reportHtml([{ name: 'grey.png', picture, explanation: { ...real, warnings } }]);
    const at = (text: string): number => html.indexOf(text);
    expect(at('Labels may be wrong.')).to.be.greaterThan(0).and.lessThan(at('<h2>Grad-CAM</h2>'));
    expect(at('Adebayo')).to.be.greaterThan(at('<h2>Guided backpropagation</h2>'));
  });

  it('embeds a photograph once, no larger than it is shown', async () => {
    const large = await loadPicture(new URL('../../samples/hens.jpg', import.meta.url));
    const entries = ['a', 'b', 'c'].map((model) => ({
      name: 'hens.jpg',
      picture: large,
      explanation: explanation({ model, maps: [map(), map({ method: 'layer-cam' })] }),
    }));
    const html = await reportHtml(entries);
    expect(html.match(/class="stage/g)).to.have.length(6);
    const photos = new Set(references(html).filter((url) => url.startsWith('data:image/jpeg')));
    expect(photos.size).to.equal(1);
    const embedded = await loadPicture([...photos][0]!);
    expect(Math.max(embedded.width, embedded.height)).to.be.at.most(768);
    expect(html.length).to.be.lessThan(700_000);
  });
});
