import { createExplainer, type Input, type Picture, preprocess } from '@saywhy/core';
import { expect } from 'chai';
import { errorOf } from '../../support/errors.js';
import { relativeError } from '../../support/golden.js';
import { buildModel, floats } from '../../support/model.js';
import { randomInput, smallNet, smallNetSpec } from '../../support/nets.js';
import { random } from '../../support/random.js';
import { testRuntime } from '../../support/runtime.js';

const runtime = testRuntime();

function picture(width: number, height: number): Picture {
  const next = random(3);
  return { data: Uint8ClampedArray.from({ length: width * height * 4 }, () => 256 * next()), width, height };
}

const spec = {
  channels: 'RGB',
  layout: 'NCHW',
  steps: [{ resize: { size: [12, 12], filter: 'bilinear' } }, { rescale: 1 / 255 }],
} as const;

describe('inputs', () => {
  it('a picture is what preprocessing makes of it', async () => {
    await using explainer = await createExplainer(smallNet(), { runtime, preprocess: spec });
    const fromPicture = await explainer.explain(picture(30, 17));
    const { tensor } = preprocess(picture(30, 17), spec);
    const fromTensor = await explainer.explain(tensor);
    expect(fromPicture.maps).to.deep.equal(fromTensor.maps);
    expect(fromPicture.region).to.deep.equal({ x: 0, y: 0, width: 30, height: 17 });
    expect(fromTensor).to.not.have.property('region');
    expect(fromTensor.provenance).to.not.have.property('preprocess');
    expect(fromPicture.provenance.preprocess).to.deep.equal(spec);
  });

  it('a guess at preprocessing is a warning, for pictures', async () => {
    await using explainer = await createExplainer(smallNet(), { runtime });
    expect(explainer.model.preprocessFrom).to.equal('guess');
    expect((await explainer.explain(picture(20, 20))).warnings.map(({ code }) => code)).to.deep.equal([
      'preprocess-guessed',
    ]);
    expect((await explainer.predict(picture(20, 20))).warnings.map(({ code }) => code)).to.deep.equal([
      'preprocess-guessed',
    ]);
    expect((await explainer.explain(randomInput())).warnings).to.deep.equal([]);
  });

  it('a tensor may lack its batch, be in double precision, and be in a record by name', async () => {
    await using explainer = await createExplainer(smallNet(), { runtime });
    const { data, shape } = randomInput();
    const { maps } = await explainer.explain({ data, shape });
    const same: Input[] = [
      { data, shape: shape.slice(1) },
      { data: Float64Array.from(data), shape },
      { input: { data, shape } },
    ];
    for (const input of same) expect((await explainer.explain(input)).maps).to.deep.equal(maps);
  });

  it('what does not fit is said, with what would', async () => {
    await using explainer = await createExplainer(smallNet(), { runtime, preprocess: 'imagenet' });
    const { data, shape } = randomInput();
    const cases: [unknown, RegExp][] = [
      [{ data, shape: [1, 3, 12, 11] }, /^input-shape: .*\[1,3,12,11\]/],
      [{ data: data.slice(1), shape }, /^input-shape/],
      [{ data: new Float32Array(2 * 432), shape: [2, 3, 12, 12] }, /^batch: .*explainAll/],
      [{ data: data.map((x, i) => (i === 9 ? Number.NaN : x)), shape }, /^not-finite: .*"input"/],
      [{ data: data.map((x, i) => (i === 9 ? Number.POSITIVE_INFINITY : x)), shape }, /^not-finite/],
      [{ imput: { data, shape } }, /^unknown-input: .*"imput".*"input"/],
      [{}, /^missing-input: .*"input"/],
      [null, /^invalid-input/],
      ['cat.png', /^invalid-input/],
      [picture(20, 20), /^input-shape: .*\[1,3,224,224\].*"input" is \[n,3,12,12\]/],
      [{ data: new Uint8Array(5), width: 4, height: 4 }, /^invalid-picture/],
    ];
    for (const [input, expected] of cases)
      expect(await errorOf(() => explainer.explain(input as Picture))).to.match(expected);
  });

  it('channels may come last: the maps are those of the same net with channels first', async () => {
    const spec = smallNetSpec();
    const last = buildModel({
      ...spec,
      inputs: [{ name: 'nhwc', shape: ['n', 12, 12, 3] }],
      nodes: [
        { op: 'Transpose', inputs: ['nhwc'], outputs: ['input'], attributes: { perm: [0, 3, 1, 2] } },
        ...spec.nodes,
      ],
    });
    const { data } = randomInput();
    const swapped = new Float32Array(data.length);
    for (let c = 0; c < 3; c++) for (let i = 0; i < 144; i++) swapped[i * 3 + c] = data[c * 144 + i]!;
    const methods = ['grad-cam', 'saliency', 'input-x-gradient', 'occlusion'];
    await using first = await createExplainer(smallNet(), { runtime });
    await using second = await createExplainer(last, { runtime });
    const expected = await first.explain(randomInput(), { method: methods });
    const found = await second.explain({ data: swapped, shape: [1, 12, 12, 3] }, { method: methods });
    found.maps.forEach((map, i) => {
      expect(map.shape).to.deep.equal([12, 12]);
      expect(map.raw.shape).to.deep.equal(expected.maps[i]!.raw.shape);
      expect(relativeError(map.raw.data, expected.maps[i]!.raw.data), map.method).to.be.below(1e-5);
    });
    expect(second.model.preprocess).to.include({ layout: 'NHWC' });
  });

  it('several are fed by name', async () => {
    const spec = smallNetSpec();
    const two = buildModel({
      ...spec,
      inputs: [...spec.inputs, { name: 'scale', shape: ['n', 1] }],
      outputs: [{ name: 'scaled' }],
      nodes: [...spec.nodes, { op: 'Mul', inputs: ['logits', 'scale'], outputs: ['scaled'] }],
    });
    await using explainer = await createExplainer(two, { runtime });
    expect(explainer.model.picture).to.equal('input');
    const scale = (value: number) => ({ input: randomInput(), scale: { data: Float32Array.of(value), shape: [1, 1] } });
    const [once] = (await explainer.explain(scale(1), { target: 1 })).maps;
    const [thrice] = (await explainer.explain(scale(3), { target: 1 })).maps;
    expect(
      relativeError(
        thrice!.raw.data,
        once!.raw.data.map((x) => 3 * x),
      ),
    ).to.be.below(1e-5);
    expect(await errorOf(() => explainer.explain(randomInput()))).to.match(/^missing-input: .*"scale"/);
    const occluded = await explainer.explain(scale(1), { target: 1, method: 'occlusion' });
    expect(occluded.maps[0]!.shape).to.deep.equal([12, 12]);
  });

  it('volumes have maps of their own rank', async () => {
    const weights = Array.from({ length: 54 * 2 }, (_, i) => Math.sin(i));
    const volume = buildModel({
      opset: 17,
      inputs: [{ name: 'scan', shape: [1, 1, 6, 6, 6] }],
      outputs: [{ name: 'logits' }],
      initializers: [floats('w', [4, 1, 3, 3, 3], weights), floats('fc', [2, 4], [1, -1, 0.5, 2, 0.3, 1, -2, 1])],
      nodes: [
        {
          op: 'Conv',
          inputs: ['scan', 'w'],
          outputs: ['c'],
          attributes: { strides: [2, 2, 2], pads: [1, 1, 1, 1, 1, 1] },
        },
        { op: 'Relu', inputs: ['c'], outputs: ['features'] },
        { op: 'GlobalAveragePool', inputs: ['features'], outputs: ['p'] },
        { op: 'Flatten', inputs: ['p'], outputs: ['f'] },
        { op: 'Gemm', inputs: ['f', 'fc'], outputs: ['logits'], attributes: { transB: 1 } },
      ],
    });
    await using explainer = await createExplainer(volume, { runtime });
    const { maps } = await explainer.explain(randomInput([1, 1, 6, 6, 6]), {
      method: ['grad-cam', 'cam', 'saliency', 'occlusion'],
      target: 1,
    });
    expect(maps.map(({ raw }) => raw.shape)).to.deep.equal([
      [3, 3, 3],
      [3, 3, 3],
      [1, 6, 6, 6],
      [6, 6, 6],
    ]);
    expect(maps.every(({ shape }) => shape.join() === '6,6,6')).to.equal(true);
    expect(
      relativeError(
        maps[1]!.raw.data,
        maps[0]!.raw.data.map((x) => 27 * x),
      ),
    ).to.be.below(1e-5);
  });
});
