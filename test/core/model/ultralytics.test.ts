// Files as Ultralytics' exporters write them: what they say in their metadata is believed. The graphs are small, their ends those of the real ones.
import { createExplainer, inspectModel, type ModelInfo, type Picture } from '@saywhy/core';
import { expect } from 'chai';
import { errorOf } from '../../support/errors.js';
import { buildModel, floats, integers, type NodeSpec, type ValueSpec } from '../../support/model.js';
import { normal } from '../../support/random.js';
import { testRuntime } from '../../support/runtime.js';

const runtime = testRuntime();
const [SIZE, CELLS, CLASSES] = [32, 21, 3];

const node = (
  op: string,
  inputs: readonly string[],
  output: string,
  attributes: NodeSpec['attributes'] = {},
): NodeSpec => ({ op, inputs, outputs: [output], attributes });

/** As ultralytics 8.4 writes it. */
const said = {
  description: 'Ultralytics YOLO11n model trained on coco8.yaml',
  author: 'Ultralytics',
  version: '8.4.190',
  stride: '32',
  task: 'detect',
  head: 'Detect',
  batch: '1',
  imgsz: `[${SIZE}, ${SIZE}]`,
  names: `{0: 'person', 1: "driver's seat", 2: 'traffic light'}`,
  args: "{'batch': 1, 'half': False, 'dynamic': False, 'nms': False}",
  channels: '3',
  end2end: 'False',
};

/** A box for each of 16, 4 and 1 cells: the first with the centre (16, 12), 8 wide and 6 high. */
const boxes = [16, 12, 8, 6].flatMap((value) => Array.from({ length: CELLS }, (_, i) => (i === 0 ? value : 4)));

interface Ending {
  readonly nodes: readonly NodeSpec[];
  readonly outputs: readonly ValueSpec[];
  readonly metadata?: Readonly<Record<string, string>>;
  readonly sides?: readonly (number | string)[];
}

/** image -> `features` [1, 4, 16, 16] -> `logits` [1, 3, 21] for `boxes` [1, 4, 21], `more` [1, 5, 21], `pooled` [1, 3] and `prototypes` [1, 5, 16, 16]. */
function yolo({ nodes, outputs, metadata = {}, sides = [SIZE, SIZE] }: Ending): Uint8Array {
  const next = normal(9);
  const weight = (name: string, shape: readonly number[]) =>
    floats(name, shape, Array.from({ length: shape.reduce((a, b) => a * b, 1) }, next));
  return buildModel({
    opset: 17,
    inputs: [{ name: 'images', shape: [1, 3, ...sides] }],
    outputs,
    metadata: { ...said, ...metadata },
    initializers: [
      weight('first', [4, 3, 3, 3]),
      weight('expand', [5, 4, 1, 1]),
      weight('mix', [256, CELLS]),
      weight('classify', [4, 3]),
      // The first candidate is the surest, by far.
      floats(
        'bias',
        [1, CLASSES, CELLS],
        Array.from({ length: CLASSES * CELLS }, (_, i) => (i === 2 * CELLS ? 9 : -9)),
      ),
      floats('scale', [], [0.001]),
      floats('boxes', [1, 4, CELLS], boxes),
      floats('corners', [1, 1, 4], [12, 9, 20, 15]),
      floats('centre', [1, 1, 4], [0.5, 0.375, 0.25, 0.1875]),
      floats('two', [1, 1, 1], [2]),
      integers('flat', [3], [1, -1, 256]),
      integers('parts', [2], [3, 2]),
      integers('none', [2], [0, 0]),
      integers('one', [2], [1, 2]),
    ],
    nodes: [
      node('Conv', ['images', 'first'], 'conv', { strides: [2, 2], pads: [1, 1, 1, 1] }),
      node('Relu', ['conv'], 'features'),
      node('Conv', ['features', 'expand'], 'prototypes'),
      node('Reshape', ['prototypes', 'flat'], 'lines'),
      node('MatMul', ['lines', 'mix'], 'more'),
      { op: 'Split', inputs: ['more', 'parts'], outputs: ['three', 'rest'], attributes: { axis: 1 } },
      node('Mul', ['three', 'scale'], 'small'),
      node('Add', ['small', 'bias'], 'logits'),
      node('Sigmoid', ['logits'], 'probabilities'),
      ...nodes,
    ],
  });
}

const joined = (parts: readonly string[], axis = 1) => node('Concat', parts, 'output0', { axis });
const output0 = (...shape: readonly (number | string)[]): ValueSpec => ({ name: 'output0', shape });

const detect = { nodes: [joined(['boxes', 'probabilities'])], outputs: [output0(1, 4 + CLASSES, CELLS)] };
const segment = {
  nodes: [joined(['boxes', 'probabilities', 'more'])],
  outputs: [output0(1, 4 + CLASSES + 5, CELLS), { name: 'prototypes', shape: [1, 5, 16, 16] }],
  metadata: { task: 'segment', head: 'Segment' },
};
/** As earlier versions joined it. */
const pose = {
  nodes: [node('Concat', ['boxes', 'probabilities'], 'found', { axis: 1 }), joined(['found', 'more'])],
  outputs: segment.outputs.slice(0, 1),
  metadata: { task: 'pose', head: 'Pose' },
};

/** One box that is left: its best score, and the number of its class. */
const left = (box: string, others: readonly string[]) => ({
  nodes: [
    node('ReduceMax', ['probabilities'], 'score', { axes: [1, 2], keepdims: 1 }),
    joined([box, 'score', 'two', ...others], 2),
  ],
  outputs: [output0(1, 1, 6 + others.length)],
});

/** 64 x 32 pixels: half as large and with 8 rows of grey above and below, as the model sees it. */
const picture: Picture = {
  width: 64,
  height: 32,
  data: new Uint8ClampedArray(64 * 32 * 4).map((_, i) => (i * 37) % 251),
};

async function surest(model: Uint8Array) {
  await using explainer = await createExplainer(model, { runtime });
  const { predictions } = await explainer.predict(picture, { top: 1 });
  const { maps } = await explainer.explain(picture);
  expect(maps[0]!.data.some((value) => value > 0)).to.equal(true);
  return predictions[0]!;
}

/** The box around (16, 12), 8 wide and 6 high in what the model sees, in the picture. */
const seen = { x: 24, y: 2, width: 16, height: 12 };

function expectLetterbox({ preprocess, preprocessFrom, warnings, labels }: ModelInfo, size = [SIZE, SIZE]): void {
  expect(preprocess).to.deep.equal({
    channels: 'RGB',
    layout: 'NCHW',
    steps: [{ resize: { within: size } }, { pad: { size, value: 114 } }, { rescale: 1 / 255 }],
  });
  expect(preprocessFrom).to.equal('metadata');
  expect(warnings).to.deep.equal([]);
  expect(labels).to.deep.equal(['person', "driver's seat", 'traffic light']);
}

describe('a file by Ultralytics', () => {
  for (const [task, ending] of Object.entries({ detect, segment, pose }))
    it(`of the task ${task}: candidates in columns, explained before the sigmoid`, async () => {
      const model = yolo(ending);
      const info = inspectModel(model);
      expectLetterbox(info);
      expect(info.scores).to.deep.include({
        tensor: 'logits',
        kind: 'detection',
        kindFrom: 'metadata',
        through: 'Sigmoid',
      });
      const found = await surest(model);
      expect(found).to.deep.include({ index: 2, label: 'traffic light', box: seen });
    });

  it('with sizes settled at run time: what it was exported for', () => {
    const info = inspectModel(
      yolo({ ...detect, sides: ['height', 'width'], outputs: [output0('batch', 'rows', 'anchors')] }),
    );
    expectLetterbox(info);
    expect(info.scores).to.deep.include({ tensor: 'logits', kind: 'detection' });
    expect(info.scores.detection).to.deep.include({ candidates: 'columns' });
  });

  it('for pictures that are not square', () => {
    const info = inspectModel(yolo({ ...detect, sides: ['height', 'width'], metadata: { imgsz: '[24, 32]' } }));
    expectLetterbox(info, [24, 32]);
  });

  it('that suppresses boxes itself, with more beside the class', async () => {
    const model = yolo({ ...left('corners', ['two', 'two']), metadata: { task: 'pose', end2end: 'True' } });
    expect(inspectModel(model).scores.detection).to.deep.include({ classAt: 5, format: 'xyxy', unit: 'pixels' });
    expect(await surest(model)).to.deep.include({ label: 'traffic light', box: seen });
  });

  it('with suppression asked for at export', () => {
    const args = "{'batch': 1, 'nms': True}";
    const info = inspectModel(yolo({ ...left('corners', []), metadata: { args } }));
    expect(info.scores.detection).to.deep.include({ classAt: 5, format: 'xyxy' });
  });

  it('whose boxes are turned: a centre and a size', () => {
    const info = inspectModel(yolo({ ...left('centre', ['two']), metadata: { task: 'obb', end2end: 'True' } }));
    expect(info.scores.detection).to.deep.include({ classAt: 5, format: 'cxcywh', unit: 'pixels' });
  });

  it('of an RT-DETR: pictures are stretched, boxes shares', async () => {
    const model = yolo({ ...left('centre', []), metadata: { head: 'RTDETRDecoder' } });
    const info = inspectModel(model);
    expect(info.preprocess!.steps).to.deep.equal([{ resize: { size: [SIZE, SIZE] } }, { rescale: 1 / 255 }]);
    expect(info.scores.detection).to.deep.include({ classAt: 5, format: 'cxcywh', unit: 'share' });
    expect(await surest(model)).to.deep.include({ box: { x: 24, y: 9, width: 16, height: 6 } });
  });

  it('of a classifier', () => {
    const classes = {
      nodes: [
        node('GlobalAveragePool', ['features'], 'pooled'),
        node('Flatten', ['pooled'], 'vector'),
        node('MatMul', ['vector', 'classify'], 'last'),
        node('Softmax', ['last'], 'output0'),
      ],
      outputs: [output0(1, 3)],
      metadata: { task: 'classify', head: 'Classify' },
    };
    const info = inspectModel(yolo(classes));
    expect(info.preprocess!.steps).to.deep.equal([
      { resize: { shortest: SIZE } },
      { crop: [SIZE, SIZE] },
      { rescale: 1 / 255 },
    ]);
    expect(info.labels).to.have.length(3);
    expect(info.scores).to.deep.include({ tensor: 'last', kind: 'softmax', kindFrom: 'graph' });
  });

  it('by YOLOv5’s own repository: rows with an objectness, names in a list, no task', () => {
    const keys = Object.keys(said).filter((key) => key !== 'stride');
    const metadata = {
      ...Object.fromEntries(keys.map((key) => [key, ''])),
      names: "['person', \"driver's seat\", 'traffic light']",
    };
    const info = inspectModel(
      yolo({
        nodes: [
          node('Transpose', ['prototypes'], 'turned'),
          node('Concat', ['boxes', 'rest', 'rest'], 'table', { axis: 1 }),
          node('Transpose', ['table'], 'output0', { perm: [0, 2, 1] }),
        ],
        outputs: [output0(1, CELLS, 8)],
        metadata,
      }),
    );
    expectLetterbox(info);
    expect(info.scores.detection).to.deep.include({ candidates: 'rows', objectness: 4, firstClass: 5 });
  });

  it('that was given another size since', () => {
    const info = inspectModel(yolo({ ...detect, metadata: { imgsz: '[640, 640]' } }));
    expectLetterbox(info);
  });

  it('by YOLOv5’s own repository, with masks: what follows the classes is none', async () => {
    const keys = Object.keys(said).filter((key) => key !== 'stride');
    const model = yolo({
      nodes: [
        // Larger than any score of a class.
        node('Concat', ['boxes', 'probabilities', 'probabilities', 'boxes'], 'table', { axis: 1 }),
        node('Transpose', ['table'], 'output0', { perm: [0, 2, 1] }),
      ],
      outputs: [output0(1, CELLS, 14), { name: 'prototypes', shape: [1, 5, 16, 16] }],
      metadata: { ...Object.fromEntries(keys.map((key) => [key, ''])), names: said.names },
    });
    const info = inspectModel(model);
    expectLetterbox(info);
    expect(info.scores.tensor).to.equal('output0');
    expect(info.scores.detection).to.deep.include({ candidates: 'rows', objectness: 4, firstClass: 5, classes: 3 });
    await using explainer = await createExplainer(model, { runtime });
    const { predictions } = await explainer.predict(picture, { top: 5 });
    for (const { index } of predictions) expect(index).to.be.below(CLASSES);
  });

  it('is not what has its keys by chance', () => {
    const keys = Object.keys(said).filter((key) => key !== 'stride');
    const letters = {
      nodes: [
        node('Transpose', ['more'], 'wide', { perm: [0, 2, 1] }),
        joined(['wide', 'wide', 'wide', 'wide', 'wide'], 2),
      ],
      outputs: [output0(1, CELLS, 25)],
      metadata: { ...Object.fromEntries(keys.map((key) => [key, ''])), names: "['a', 'b']" },
    };
    const info = inspectModel(yolo(letters));
    expect(info.scores.kind).to.equal('softmax');
    expect(info.preprocessFrom).to.equal('guess');
  });

  it('of an RT-DETR with more classes than queries: a query a row', () => {
    const rows = {
      nodes: [
        node('Transpose', ['boxes'], 'wide', { perm: [0, 2, 1] }),
        node('Slice', ['wide', 'none', 'one'], 'few'),
        joined(['few', 'few', 'few'], 2),
      ],
      outputs: [output0(1, 2, 12)],
      metadata: { head: 'RTDETRDecoder' },
    };
    expect(inspectModel(yolo(rows)).scores.detection).to.deep.include({ candidates: 'rows', unit: 'share' });
  });

  it('is what its head says, wherever its data lay', () => {
    const description = 'Ultralytics YOLO11n model trained on /home/me/yolo-vs-rtdetr/data.yaml';
    for (const head of ['Detect', ''])
      expect(inspectModel(yolo({ ...detect, metadata: { description, head } })).scores.detection).to.deep.include({
        unit: 'pixels',
      });
    const older = { description: 'Ultralytics rtdetr-l model', head: '' };
    expect(inspectModel(yolo({ ...detect, metadata: older })).scores.detection).to.deep.include({ unit: 'share' });
  });

  it('has names by their numbers, or none that can be read', () => {
    const namesOf = (names: string) => inspectModel(yolo({ ...detect, metadata: { names } })).labels;
    expect(namesOf("{2: 'c', 0: 'a', 1: 'b'}")).to.deep.equal(['a', 'b', 'c']);
    expect(namesOf("['a', \"b's\"]")).to.deep.equal(['a', "b's"]);
    for (const other of [
      '{"0": "cat", "1": "dog"}',
      "{0: 'a', 2: 'c'}",
      "['a'",
      "['a', b]",
      '{}',
      'thing',
      "{4294967295: 'x'}",
    ])
      expect(namesOf(other), other).to.equal(undefined);
    // Each of these took seconds, or all of the stack.
    for (const hostile of [`'${"\\'".repeat(4e5)}`, `['${'x'.repeat(1e6)}']`, `['${'x'.repeat(2e7)}']`]) {
      const before = performance.now();
      namesOf(hostile);
      expect(performance.now() - before).to.be.below(1000);
    }
  });

  it('is corrected field by field', () => {
    const model = yolo({ ...left('centre', []), metadata: { head: 'RTDETRDecoder' } });
    const { detection } = inspectModel(model, { detection: { unit: 'pixels' } }).scores;
    expect(detection).to.deep.include({ unit: 'pixels', format: 'cxcywh', classAt: 5 });
  });

  it('whose objectness was joined to the box first', () => {
    const nodes = [
      node('Sigmoid', ['more'], 'sure'),
      node('Concat', ['boxes', 'sure'], 'before', { axis: 1 }),
      joined(['before', 'probabilities']),
    ];
    const info = inspectModel(yolo({ nodes, outputs: [output0(1, 4 + 5 + CLASSES, CELLS)] }));
    expect(info.scores.tensor).to.equal('output0');
  });

  it('gives way to what saywhy wrote, and to what the user says', () => {
    const own = JSON.stringify({ steps: [{ rescale: 2 }] });
    const model = yolo({ ...detect, metadata: { 'saywhy.preprocess': own, 'saywhy.labels': '["a", "b", "c"]' } });
    const info = inspectModel(model, { detection: { candidates: 'columns', firstClass: 4, unit: 'share' } });
    expect(info.preprocess!.steps).to.deep.equal([{ rescale: 2 }]);
    expect(info.labels).to.deep.equal(['a', 'b', 'c']);
    expect(info.scores.detection).to.deep.include({ unit: 'share', firstClass: 4 });
  });

  it('with an objectness between boxes and classes, which is no class', () => {
    const info = inspectModel(
      yolo({
        nodes: [node('Sigmoid', ['more'], 'sure'), joined(['boxes', 'sure', 'probabilities'])],
        outputs: [output0(1, 4 + 5 + CLASSES, CELLS)],
        metadata: { author: '', task: '', head: '' },
      }),
    );
    expect(info.scores).to.deep.include({ tensor: 'output0', kind: 'detection' });
  });

  it('without an input is refused as any file is', async () => {
    const empty = buildModel({
      opset: 17,
      inputs: [],
      outputs: [output0(1)],
      initializers: [floats('one', [1], [1])],
      nodes: [node('Relu', ['one'], 'output0')],
      metadata: said,
    });
    expect(await errorOf(() => inspectModel(empty))).to.match(/^no-picture-input/);
  });

  it('is known by its keys alone', () => {
    const info = inspectModel(yolo({ ...detect, metadata: { stride: '' } }));
    expect(info.labels).to.equal(undefined);
    expect(info.preprocessFrom).to.equal('guess');
  });
});
