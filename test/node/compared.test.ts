// A picture that a target compares with may be whatever an input may be.
import { readFile } from 'node:fs/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { createExplainer, type Explainer, loadPicture, type Target } from '@saywhy/node';
import { expect } from 'chai';
import { errorOf } from '../support/errors.js';

const file = (relative: string) => fileURLToPath(new URL(`../../${relative}`, import.meta.url));
const net = file('test/fixtures/nets/residual.torchscript.onnx');
const [cat, dog, koala] = ['cat', 'dog', 'koala'].map((name) => file(`samples/${name}.jpg`)) as [
  string,
  string,
  string,
];
const preprocess = {
  channels: 'RGB',
  layout: 'NCHW',
  steps: [{ resize: { size: [32, 32], filter: 'bilinear' } }, { rescale: 1 / 255 }],
} as const;

describe('pictures that targets compare with', () => {
  let explainer: Explainer;
  before(async () => {
    explainer = await createExplainer(net, { preprocess, scoreKind: 'embedding' });
  });
  after(() => explainer.dispose());

  const vectorOf = async (picture: string) => Object.values(await explainer.outputs(picture))[0]!.data;
  const likeness = async (target: Target) => {
    const [map] = (await explainer.explain(cat, { target })).maps;
    return { value: map!.target.value, raw: [...map!.raw.data] };
  };
  const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, x, i) => sum + x * b[i]!, 0);
  const cosine = (a: Float32Array, b: Float32Array) => dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));

  it('every source of an input is embedded alike: the cosine is that of the model’s outputs', async () => {
    const [own, other] = [await vectorOf(cat), await vectorOf(dog)];
    const expected = cosine(own, other);
    const bytes = await readFile(dog);
    const picture = await loadPicture(dog);
    const byVector = await likeness({ similarTo: other });
    expect(byVector.value).to.be.closeTo(expected, 1e-5).and.below(0.9999);
    const sources = {
      path: dog,
      'file URL': pathToFileURL(dog),
      'file URL as text': pathToFileURL(dog).href,
      'data URL': `data:image/jpeg;base64,${bytes.toString('base64')}`,
      Buffer: bytes,
      Uint8Array: new Uint8Array(bytes),
      ArrayBuffer: new Uint8Array(bytes).buffer,
      Blob: new Blob([bytes]),
      File: new File([bytes], 'dog.jpg'),
      pixels: picture,
      'as jimp has it': { bitmap: picture },
    };
    for (const [name, similarTo] of Object.entries(sources))
      expect(await likeness({ similarTo }), name).to.deep.equal(byVector);
  });

  it('however deep it lies, in all that takes targets', async () => {
    const [own, a, b] = [await vectorOf(cat), await vectorOf(dog), await vectorOf(koala)];
    const [toDog, toKoala] = [cosine(own, a), cosine(own, b)];
    expect((await likeness({ not: { similarTo: dog } })).value).to.be.closeTo(-toDog, 1e-5);
    const target: Target = { versus: [{ similarTo: dog }, { not: { similarTo: koala } }] };
    expect((await likeness(target)).value).to.be.closeTo(toDog + toKoala, 1e-5);
    const { maps } = await explainer.explain(cat, { target: [{ similarTo: dog }, { similarTo: koala }] });
    expect(maps[0]!.target.value).to.be.closeTo(toDog, 1e-5);
    expect(maps[1]!.target.value).to.be.closeTo(toKoala, 1e-5);
    const [path] = await explainer.gradients(cat, { target: { similarTo: dog } });
    const [vector] = await explainer.gradients(cat, { target: { similarTo: a } });
    expect(path!.gradient.data.some((x) => x !== 0)).to.equal(true);
    expect(path).to.deep.equal(vector);
    const checked = await explainer.sanityCheck(cat, { target: { similarTo: dog } });
    expect(checked.original.target.value).to.be.closeTo(toDog, 1e-5);
    // A probability is of a class: what it is asked of has been loaded by then.
    const code = await errorOf(() => explainer.explain(cat, { target: { probability: { similarTo: dog } } }));
    expect(code).to.match(/^invalid-target: .*probability.*similar/);
  });

  it('what is wrong with it is said as of an input', async () => {
    const wrong: readonly unknown[] = [
      'nowhere.jpg',
      file('samples'),
      net,
      new Blob([]),
      { data: [1], width: 2 },
      5,
      null,
    ];
    for (const source of wrong) {
      const expected = await errorOf(() => explainer.explain(source as string));
      expect(expected).to.match(/^(file-not-found|not-a-file|not-a-picture|invalid-picture): /);
      const targets = [{ similarTo: source }, { versus: [{ similarTo: dog }, { not: { similarTo: source } }] }];
      for (const target of targets as Target[])
        expect(await errorOf(() => explainer.explain(cat, { target }))).to.equal(expected);
    }
    await using classes = await createExplainer(net, { preprocess });
    expect(await errorOf(() => classes.explain(cat, { target: { similarTo: dog } }))).to.match(/^target-kind/);
  });
});
