import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import {
  createExplainer,
  decodeNpy,
  type ExplanationMap,
  encodePng,
  loadPicture,
  overlay,
  type SaveKind,
  save,
} from '@saywhy/node';
import { expect } from 'chai';
import { ModelProtoSchema, StringStringEntryProtoSchema, TensorProto_DataLocation } from 'onnx-buf';
import { errorOf } from '../support/errors.js';

const root = new URL('../../', import.meta.url);
const netPath = fileURLToPath(new URL('test/fixtures/nets/residual.torchscript.onnx', root));
const cat = fileURLToPath(new URL('samples/cat.jpg', root));
const labels = Array.from({ length: 10 }, (_, i) => `class ${i}, also ${i * i}`);
const preprocessor = {
  image_processor_type: 'ViTImageProcessor',
  size: { height: 32, width: 32 },
  resample: 2,
  image_mean: [0.5, 0.5, 0.5],
  image_std: [0.5, 0.5, 0.5],
};
const preprocess = {
  channels: 'RGB',
  layout: 'NCHW',
  steps: [
    { resize: { size: [32, 32], filter: 'bilinear' } },
    { rescale: 1 / 255 },
    { normalize: { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] } },
  ],
} as const;

describe('createExplainer', () => {
  let folder: string;
  let bytes: Uint8Array;
  let expected: ExplanationMap;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'saywhy-explainer-'));
    bytes = await readFile(netPath);
    await using explainer = await createExplainer(netPath, { preprocess });
    expected = (await explainer.explain(cat, { target: 3 })).maps[0]!;
    expect(Math.max(...expected.data)).to.equal(1);
  });
  after(() => rm(folder, { recursive: true }));

  const sameMap = async (source: Parameters<typeof createExplainer>[0], options = {}): Promise<void> => {
    await using explainer = await createExplainer(source, options);
    const { maps } = await explainer.explain(cat, { target: 3 });
    expect([...maps[0]!.raw.data]).to.deep.equal([...expected.raw.data]);
  };

  it('takes a path, a file URL, bytes, an ArrayBuffer, bytes with external data', async () => {
    const buffer = new Uint8Array(bytes).buffer;
    for (const source of [netPath, pathToFileURL(netPath), bytes, buffer, { bytes, external: {} }]) {
      await sameMap(source, { preprocess });
    }
  });

  it('reads a Hugging Face folder: the model, its labels, its preprocessing', async () => {
    const place = join(folder, 'hub-model');
    await mkdir(join(place, 'onnx'), { recursive: true });
    await writeFile(join(place, 'onnx', 'model.onnx'), bytes);
    const id2label = Object.fromEntries(labels.map((label, i) => [i, label]));
    await writeFile(join(place, 'config.json'), JSON.stringify({ model_type: 'resnet', id2label }));
    await writeFile(join(place, 'preprocessor_config.json'), JSON.stringify(preprocessor));
    await using explainer = await createExplainer(place);
    expect(explainer.model.name).to.equal('hub-model');
    expect(explainer.model.labels).to.deep.equal(labels);
    expect(explainer.model.warnings).to.deep.equal([]);
    const { maps } = await explainer.explain(cat, { target: 'also 9' });
    expect(maps[0]!.target).to.include({ index: 3, label: 'class 3, also 9' });
    expect([...maps[0]!.raw.data]).to.deep.equal([...expected.raw.data]);
    await sameMap(place);

    await writeFile(join(place, 'config.json'), JSON.stringify({ problem_type: 'multi_label_classification' }));
    await using several = await createExplainer(place, { labels: undefined });
    expect(several.model.scores.kind).to.equal('multilabel');
  });

  it('what the file says of itself counts more than its folder, and an option counts more than both', async () => {
    const model = fromBinary(ModelProtoSchema, bytes);
    const own = labels.map((label) => `own ${label}`);
    model.metadataProps.push(
      create(StringStringEntryProtoSchema, { key: 'saywhy.labels', value: JSON.stringify(own) }),
    );
    const place = join(folder, 'both');
    await mkdir(place);
    await writeFile(join(place, 'model.onnx'), toBinary(ModelProtoSchema, model));
    await writeFile(join(place, 'config.json'), JSON.stringify({ id2label: { ...labels } }));
    await using explainer = await createExplainer(place);
    expect(explainer.model.labels).to.deep.equal(own);
    await using stated = await createExplainer(place, { labels });
    expect(stated.model.labels).to.deep.equal(labels);
  });

  it('reads external data from beside the model, and names what is missing', async () => {
    const model = fromBinary(ModelProtoSchema, bytes);
    const weights: Uint8Array[] = [];
    let offset = 0;
    for (const tensor of model.graph!.initializer) {
      if (tensor.rawData.length < 64) continue;
      weights.push(tensor.rawData);
      const entries = { location: 'weights/all.bin', offset, length: tensor.rawData.length };
      offset += tensor.rawData.length;
      tensor.rawData = new Uint8Array();
      tensor.dataLocation = TensorProto_DataLocation.EXTERNAL;
      tensor.externalData = Object.entries(entries).map(([key, value]) =>
        create(StringStringEntryProtoSchema, { key, value: String(value) }),
      );
    }
    expect(offset).to.be.greaterThan(10_000);
    const path = join(folder, 'external.onnx');
    await writeFile(path, toBinary(ModelProtoSchema, model));
    const missing = await errorOf(() => createExplainer(path));
    expect(missing).to.match(/^file-not-found: .*external\.onnx refers to: .*weights.all\.bin/);
    await mkdir(join(folder, 'weights'));
    await writeFile(join(folder, 'weights', 'all.bin'), Buffer.concat(weights));
    await sameMap(path, { preprocess });
  });

  it('takes a tensor, inputs by name, pixels and bytes for a picture', async () => {
    await using explainer = await createExplainer(netPath, { preprocess });
    const picture = await loadPicture(cat);
    for (const input of [picture, { input: cat }, { input: picture }, await readFile(cat), pathToFileURL(cat)]) {
      const { maps } = await explainer.explain(input, { target: 3 });
      expect([...maps[0]!.raw.data]).to.deep.equal([...expected.raw.data]);
    }
    const tensor = { data: new Float32Array(3 * 32 * 32).map((_, i) => Math.cos(i)), shape: [1, 3, 32, 32] };
    const { maps, region } = await explainer.explain(tensor, { target: 3 });
    expect(maps[0]!.shape).to.deep.equal([32, 32]);
    expect(region).to.equal(undefined);
    const { predictions } = await explainer.predict(cat, { top: 2 });
    expect(predictions).to.have.length(2);
    const [gradient] = await explainer.gradients(cat, { target: 3 });
    expect(gradient!.gradient.shape).to.have.length(4);
    let count = 0;
    for await (const explanation of explainer.explainAll([cat, picture])) {
      count++;
      expect(explanation.maps).to.have.length(1);
    }
    expect(count).to.equal(2);
  });

  it('answers the calls that were made before it was disposed of, and none after', async () => {
    const explainer = await createExplainer(netPath, { preprocess });
    const calls = [explainer.explain(cat, { target: 3 }), explainer.predict(cat), explainer.gradients(cat)];
    const disposed = explainer.dispose();
    const late = errorOf(() => explainer.explain(cat));
    const [explained] = await Promise.all(calls);
    expect(explained).to.have.property('maps').with.lengthOf(1);
    await disposed;
    expect(await late).to.match(/^disposed/);
  });

  it('overlay finds a picture that was given by its input’s name', async () => {
    await using explainer = await createExplainer(netPath, { preprocess });
    const explanation = await explainer.explain({ [explainer.model.picture]: cat });
    expect(overlay(explanation)).to.include({ width: 640, height: 480 });
  });

  it('save refuses a kind that there is not, rather than save nothing', async () => {
    await using explainer = await createExplainer(netPath, { preprocess });
    const explanation = await explainer.explain(cat);
    const kinds = ['overlays'] as unknown as SaveKind[];
    expect(await errorOf(() => save(explanation, join(folder, 'kinds'), { save: kinds }))).to.match(
      /^invalid-option.*overlay/,
    );
  });

  it('auto takes a device that works, and says which', async () => {
    await using explainer = await createExplainer(netPath, { preprocess });
    expect(explainer.device).to.be.oneOf(['cpu', 'cuda']);
    const { device } = await explainer.explain(cat);
    expect(device).to.equal(explainer.device);
  });

  it('an aborted signal ends it with its own reason', async () => {
    const reason = new Error('enough');
    await using explainer = await createExplainer(netPath, { preprocess });
    try {
      await explainer.explain(cat, { signal: AbortSignal.abort(reason) });
      expect.fail('It went on.');
    } catch (error) {
      expect(error).to.equal(reason);
    }
  });

  it('a name that is none is refused with what there is', async () => {
    const error = await errorOf(() => createExplainer('efficientnet-lite'));
    expect(error).to.match(/^unknown-model: .*Did you mean efficientnet-lite0\?.*Bundled are: .*efficientnet-lite2/);
  });

  describe('what is done with an explanation', () => {
    it('save writes overlay, map and report, and refuses to replace them', async () => {
      await using explainer = await createExplainer(netPath, { preprocess });
      const explanation = await explainer.explain(cat, { target: [3, 4] });
      const out = join(folder, 'saved');
      const { maps, report } = await save(explanation, out, { name: 'cat' });
      expect(maps).to.have.length(2);
      expect((await readdir(out)).sort()).to.deep.equal([
        ...['cat_grad-cam_3.npy', 'cat_grad-cam_3.png', 'cat_grad-cam_4.npy', 'cat_grad-cam_4.png', 'report.html'],
      ]);
      expect((await stat(report!)).size).to.be.greaterThan(5000);
      expect([...decodeNpy(await readFile(maps[0]!.map!)).data]).to.deep.equal([...explanation.maps[0]!.data]);
      expect(await errorOf(() => save(explanation, out, { name: 'cat' }))).to.match(/^file-exists: /);
      expect(await errorOf(() => save(explanation, out, { name: 'cat', force: true }))).to.equal('no error');
    });

    it('overlay draws on the picture that was explained, or the one given with a copy', async () => {
      await using explainer = await createExplainer(netPath, { preprocess });
      const explanation = await explainer.explain(cat, { target: 3 });
      const drawn = overlay(explanation);
      expect([drawn.width, drawn.height]).to.deep.equal([640, 480]);
      const copy = structuredClone(explanation);
      expect(await errorOf(() => overlay(copy))).to.match(/^no-picture: /);
      const again = overlay(copy, { picture: await loadPicture(cat) });
      expect(Buffer.from(again.data).equals(Buffer.from(drawn.data))).to.equal(true);
      expect(await errorOf(() => overlay(explanation, { map: 1 }))).to.match(/^unknown-map: .*no map 1/);
      const reread = await loadPicture(await encodePng(drawn));
      expect(Buffer.from(reread.data).equals(Buffer.from(drawn.data)), 'PNG is lossless').to.equal(true);
    });
  });
});
