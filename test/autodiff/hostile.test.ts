// Whatever the bytes say: a model, or a SaywhyError with a stable code; never another exception, a hang, or memory by the size that a file claims.
import { readFileSync } from 'node:fs';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { differentiate, inferTensors, parseModel } from '@saywhy/autodiff';
import { expect } from 'chai';
import {
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  type GraphProto,
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
} from 'onnx-buf';
import { attempt, cpuTime } from '../support/attempt.js';
import { buildModel, floats, integers, type NodeSpec } from '../support/model.js';
import { random } from '../support/random.js';
import { throwsCode } from '../support/throws-code.js';

const fixture = (name: string) => readFileSync(new URL(`../fixtures/nets/${name}.onnx`, import.meta.url));

const io = { inputs: [{ name: 'x', shape: [2] }], outputs: [{ name: 'y', shape: [2] }] };
/** Nodes each of which takes what the one before gave. */
function chain(length: number, op: string): NodeSpec[] {
  return Array.from({ length }, (_, index) => ({
    op,
    inputs: [index === 0 ? 'x' : `t${index - 1}`],
    outputs: [index === length - 1 ? 'y' : `t${index}`],
  }));
}

describe('bytes that are no model', () => {
  const cases: [string, Uint8Array][] = [
    ['an empty file', new Uint8Array()],
    ['text', Buffer.from('<!doctype html><title>404 Not Found</title>')],
    ['JSON', Buffer.from('{"architectures": ["ViTForImageClassification"]}')],
    ['a zip file', Buffer.from('504b0304140000000800', 'hex')],
    ['zeros', new Uint8Array(1000)],
    ['another protobuf message', toBinary(NodeProtoSchema, create(NodeProtoSchema, { opType: 'Relu', input: ['x'] }))],
    ['only a graph', toBinary(GraphProtoSchema, fromBinary(ModelProtoSchema, fixture('plain.torchscript')).graph!)],
    ['a model without a graph', toBinary(ModelProtoSchema, create(ModelProtoSchema, { irVersion: 8n }))],
  ];
  for (const [name, bytes] of cases)
    it(`${name}: invalid-model`, () => {
      throwsCode(() => parseModel(bytes), 'invalid-model');
    });

  it('says what a Git LFS pointer is', () => {
    const pointer = Buffer.from('version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n');
    expect(throwsCode(() => parseModel(pointer), 'invalid-model').message).to.include('git lfs pull');
  });

  it('keeps what protobuf said as the cause', () => {
    const error = throwsCode(() => parseModel(fixture('plain.torchscript').subarray(0, 1000)), 'invalid-model');
    expect(error.cause).to.be.instanceOf(Error);
    expect(error.message).to.include('1000 bytes');
  });

  it('truncated anywhere: invalid-model', () => {
    const bytes = fixture('residual.dynamo');
    const next = random(1);
    const lengths = Array.from({ length: 300 }, () => Math.floor(next() * bytes.length));
    for (const length of [...lengths, ...Array.from({ length: 64 }, (_, index) => bytes.length - 1 - index)])
      expect(attempt(bytes.subarray(0, length)), `${length} bytes`).to.equal('invalid-model');
  });
});

describe('random bytes', () => {
  it('give a typed error: 300 files', () => {
    for (let seed = 0; seed < 300; seed++) {
      const next = random(seed);
      const bytes = Uint8Array.from({ length: Math.floor(2000 * next()) }, () => 256 * next());
      expect(attempt(bytes)).to.equal('invalid-model');
    }
  });
});

describe('graphs that cannot be', () => {
  const model = (nodes: readonly NodeSpec[], more = {}) => buildModel({ opset: 17, ...io, nodes, ...more });
  const node = (inputs: string[], output: string): NodeSpec => ({ op: 'Add', inputs, outputs: [output], name: output });
  const message = (bytes: Uint8Array) => throwsCode(() => parseModel(bytes), 'invalid-model').message;

  it('cycles are refused, and a node on them is named', () => {
    expect(message(model([node(['x', 'y'], 'y')])))
      .to.include('cycle')
      .and.include('Add "y"');
    const ring = [node(['x', 'c'], 'a'), node(['a', 'a'], 'b'), node(['b', 'x'], 'c'), node(['c', 'x'], 'y')];
    expect(message(model(ring))).to.match(/cycle: Add "[abc]"/);
  });

  it('names that stand twice are refused', () => {
    expect(message(model([node(['x', 'x'], 'y'), node(['x', 'x'], 'y')]))).to.include('"y"');
    expect(message(model([node(['x', 'x'], 'x')]))).to.include('"x"');
    expect(message(model([{ ...node(['x', 'x'], 'y'), outputs: ['y', 'y'] }]))).to.include('"y"');
    const weights = [floats('w', [1], [1]), floats('w', [1], [2])];
    expect(message(model([node(['x', 'w'], 'y')], { initializers: weights }))).to.include('"w"');
    expect(message(model([node(['x', 'x'], 'y')], { inputs: [...io.inputs, ...io.inputs] }))).to.include('"x"');
    expect(message(model([node(['x', 'x'], 'y')], { outputs: [...io.outputs, ...io.outputs] }))).to.include('"y"');
  });

  it('tensors that nothing makes are refused', () => {
    expect(message(model([node(['x', 'ghost'], 'y')])))
      .to.include('"ghost"')
      .and.include('Add "y"');
    expect(message(model([node(['x', 'x'], 'z')]))).to.include('output "y"');
  });

  it('names that JavaScript knows are only names', () => {
    const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];
    const nodes = names.map((name, index) => node([index === 0 ? 'x' : names[index - 1]!, 'x'], name));
    const last = { ...node(['hasOwnProperty', 'x'], 'y'), attributes: { __proto__: 1, constructor: 2 } };
    expect(attempt(model([...nodes, last], { metadata: { ['__proto__']: 'a' } }))).to.equal('fine');
    for (const op of names) expect(attempt(model([{ op, inputs: ['x'], outputs: ['y'] }])), op).to.equal('no-rule');
  });

  it('sub-graphs nested without end are refused', () => {
    const { GRAPH } = AttributeProto_AttributeType;
    const nest = (depth: number): GraphProto => {
      let graph = create(GraphProtoSchema, { name: 'innermost' });
      for (let level = 0; level < depth; level++)
        graph = create(GraphProtoSchema, {
          node: [{ opType: 'If', attribute: [create(AttributeProtoSchema, { name: 'a', type: GRAPH, g: graph })] }],
        });
      return graph;
    };
    const file = (depth: number) => {
      const proto = fromBinary(ModelProtoSchema, model([node(['x', 'x'], 'y')]));
      const attribute = [create(AttributeProtoSchema, { name: 'a', type: GRAPH, g: nest(depth) })];
      proto.graph!.node.push(create(NodeProtoSchema, { opType: 'If', attribute }));
      return toBinary(ModelProtoSchema, proto);
    };
    expect(attempt(file(20))).to.equal('fine');
    expect(attempt(file(500))).to.equal('invalid-model');
  });
});

describe('sizes that are only claimed', () => {
  const vast = 10 ** 12;
  const model = (nodes: readonly NodeSpec[], more = {}) => buildModel({ opset: 17, ...io, nodes, ...more });
  /** A large list is never made: neither the time nor the memory for it is taken. */
  const isCheap = (bytes: Uint8Array) => {
    const before = process.memoryUsage();
    let result = '';
    expect(
      cpuTime(() => {
        result = attempt(bytes);
      }),
    ).to.be.below(1000);
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    expect(heapUsed + arrayBuffers - before.heapUsed - before.arrayBuffers).to.be.below(200 * 2 ** 20);
    return result;
  };

  it('weights without their data are refused', () => {
    const weight = { ...floats('w', [], []), dims: [BigInt(vast)] };
    expect(isCheap(model([{ op: 'Add', inputs: ['x', 'w'], outputs: ['y'] }], { initializers: [weight] }))).to.equal(
      'invalid-model',
    );
  });

  it('shapes that contradict each other are refused', () => {
    const bytes = buildModel({
      opset: 17,
      inputs: [{ name: 'x', shape: ['batch', 2, 5] }],
      outputs: [{ name: 'y', shape: ['batch', 2, 5] }],
      initializers: [floats('w', [2, 2, 1], [1, 2, 3, 4])],
      valueInfo: [{ name: 'middle', shape: [0, 2, 5] }],
      nodes: [
        { op: 'Conv', inputs: ['x', 'w'], outputs: ['c'] },
        { op: 'HardSwish', inputs: ['c'], outputs: ['middle'] },
        { op: 'Sigmoid', inputs: ['middle'], outputs: ['y'] },
      ],
    });
    throwsCode(() => differentiate(parseModel(bytes), { of: 'y', wrt: ['x'] }), 'invalid-model');
  });

  const size = integers('size', [1], [vast]);
  const sizes: [string, NodeSpec[]][] = [
    ['ConstantOfShape', [{ op: 'ConstantOfShape', inputs: ['size'], outputs: ['big'] }]],
    ['Expand', [{ op: 'Expand', inputs: ['one', 'size'], outputs: ['big'] }]],
    ['Tile', [{ op: 'Tile', inputs: ['list', 'size'], outputs: ['big'] }]],
    ['Range', [{ op: 'Range', inputs: ['zero', 'limit', 'one'], outputs: ['big'] }]],
    ['Resize', [{ op: 'Resize', inputs: ['x', '', '', 'size'], outputs: ['big'], attributes: { mode: 'linear' } }]],
    ['Pad', [{ op: 'Pad', inputs: ['x', 'pads'], outputs: ['big'] }]],
    ['Slice', [{ op: 'Slice', inputs: ['x', 'zeros', 'size', 'zeros', 'zeros'], outputs: ['big'] }]],
    ['OneHot', [{ op: 'OneHot', inputs: ['list', 'limit', 'ends'], outputs: ['big'] }]],
  ];
  for (const [name, nodes] of sizes)
    it(`${name} of 10^12 elements is not made here`, () => {
      const initializers = [
        size,
        integers('limit', [], [vast]),
        integers('zero', [], [0]),
        integers('one', [], [1]),
        integers('zeros', [1], [0]),
        integers('list', [1], [1]),
        integers('ends', [2], [0, 1]),
        integers('pads', [2], [0, vast]),
      ];
      const used: NodeSpec[] = [
        ...nodes,
        { op: 'Cast', inputs: ['big'], outputs: ['real'], attributes: { to: 1 } },
        { op: 'ReduceMax', inputs: ['real'], outputs: ['top'], attributes: { keepdims: 0 } },
        { op: 'Mul', inputs: ['x', 'top'], outputs: ['y'] },
      ];
      isCheap(model(used, { initializers }));
    });

  it('inputs of 10^12 elements cost nothing', () => {
    const inputs = [{ name: 'x', shape: [1, 1, vast, vast] }];
    const initializers = [floats('k', [1, 1, 3, 3], new Array(9).fill(1))];
    const attributes = { kernel_shape: [2, 2], strides: [2, 2] };
    for (const nodes of [
      [{ op: 'Conv', inputs: ['x', 'k'], outputs: ['y'], attributes: { strides: [2, 2] } }],
      [{ op: 'MaxPool', inputs: ['x'], outputs: ['y'], attributes }],
      [{ op: 'AveragePool', inputs: ['x'], outputs: ['y'], attributes }],
      [{ op: 'GlobalMaxPool', inputs: ['x'], outputs: ['y'] }],
      [{ op: 'GlobalAveragePool', inputs: ['x'], outputs: ['y'] }],
      [{ op: 'CumSum', inputs: ['x', 'axis'], outputs: ['y'] }],
      [{ op: 'ReduceMax', inputs: ['x'], outputs: ['y'] }],
      [{ op: 'Softmax', inputs: ['x'], outputs: ['y'] }],
      [{ op: 'Resize', inputs: ['x', '', 'scales'], outputs: ['y'], attributes: { mode: 'nearest' } }],
      [{ op: 'LRN', inputs: ['x'], outputs: ['y'], attributes: { size: 3 } }],
      [{ op: 'Gather', inputs: ['x', 'axis'], outputs: ['y'], attributes: { axis: 2 } }],
      [{ op: 'Flatten', inputs: ['x'], outputs: ['y'] }],
    ] as NodeSpec[][]) {
      const scales = [integers('axis', [], [2]), floats('scales', [4], [1, 1, 2, 2])];
      isCheap(model(nodes, { inputs, outputs: [{ name: 'y' }], initializers: [...initializers, ...scales] }));
    }
  });

  it('monstrous kernels and strides are refused by name', () => {
    const inputs = [{ name: 'x', shape: [1, 1, 8, 8] }];
    for (const [name, attributes] of Object.entries({
      kernel_shape: { kernel_shape: [2 ** 40, 2 ** 40] },
      strides: { kernel_shape: [2, 2], strides: [2 ** 40, 1] },
      pads: { kernel_shape: [2, 2], pads: [2 ** 40, 0, 0, 0] },
      dilations: { kernel_shape: [2, 2], dilations: [2 ** 40, 1] },
    })) {
      const bytes = model([{ op: 'MaxPool', inputs: ['x'], outputs: ['y'], attributes }], {
        inputs,
        outputs: [{ name: 'y' }],
      });
      const error = throwsCode(() => differentiate(parseModel(bytes), { of: 'y', wrt: ['x'] }), 'no-rule');
      expect(error.message).to.include(name);
    }
  });

  it('many constants do not add up without bound', () => {
    const many = integers(
      'v',
      [4096],
      Array.from({ length: 4096 }, (_, index) => index),
    );
    const nodes: NodeSpec[] = Array.from({ length: 5000 }, (_, index) => ({
      op: 'Add',
      inputs: [index === 0 ? 'v' : `v${index - 1}`, 'v'],
      outputs: [`v${index}`],
    }));
    const tensors = inferTensors(parseModel(model([...nodes, ...chain(1, 'Relu')], { initializers: [many] })));
    const elements = [...tensors.values()].reduce((total, { value }) => total + (value?.length ?? 0), 0);
    expect(elements)
      .to.be.above(4096)
      .and.below(2 ** 20 + 8192);
  });
});

describe('large graphs', () => {
  /** Time must grow as the graph does: ten times the nodes, well below a hundred times the time. */
  const growth = (make: (count: number) => Uint8Array, small: number) => {
    const [few, many] = [make(small), make(10 * small)];
    attempt(few);
    const times = [few, many].map((bytes) => cpuTime(() => expect(attempt(bytes)).to.equal('fine')));
    expect(times[1]! / Math.max(times[0]!, 20)).to.be.below(40);
  };

  it('a chain of 50,000 nodes is differentiated, in linear time', function () {
    this.timeout(120_000);
    growth((count) => buildModel({ opset: 17, ...io, nodes: chain(count, 'Relu') }), 5000);
  });

  it('so is one that is written backwards, or takes each tensor twice', function () {
    this.timeout(120_000);
    growth((count) => buildModel({ opset: 17, ...io, nodes: chain(count, 'Sigmoid').reverse() }), 1000);
    const doubled = (count: number) =>
      chain(count, 'Add').map((node) => ({ ...node, inputs: [node.inputs[0]!, node.inputs[0]!] }));
    growth((count) => buildModel({ opset: 17, ...io, nodes: doubled(count) }), 1000);
  });

  for (const op of ['Concat', 'Sum', 'Max', 'Mean'])
    it(`${op} of many tensors takes linear time`, function () {
      this.timeout(60_000);
      growth((count) => {
        const parts: NodeSpec[] = Array.from({ length: count }, (_, index) => ({
          op: 'Neg',
          inputs: ['x'],
          outputs: [`n${index}`],
        }));
        const attributes = op === 'Concat' ? { axis: 0 } : {};
        const join = { op, inputs: parts.map(({ outputs }) => outputs[0]!), outputs: ['y'], attributes };
        return buildModel({ opset: 17, inputs: io.inputs, outputs: [{ name: 'y' }], nodes: [...parts, join] });
      }, 300);
    });

  it('a cycle of 50,000 nodes is found', () => {
    const nodes = chain(50_000, 'Relu');
    nodes[0] = { ...nodes[0]!, inputs: ['y'] };
    expect(
      cpuTime(() => throwsCode(() => parseModel(buildModel({ opset: 17, ...io, nodes })), 'invalid-model')),
    ).to.be.below(3000);
  });

  it('thousands of names as differentiate makes them take linear time', () => {
    const taken = Array.from({ length: 20_000 }, (_, index): NodeSpec => {
      const name = index === 0 ? 'constant' : `constant_${index + 1}`;
      return { op: 'Neg', inputs: ['x'], outputs: [name] };
    });
    const bytes = buildModel({ opset: 17, ...io, nodes: [...taken, ...chain(1, 'Relu')] });
    expect(cpuTime(() => expect(attempt(bytes)).to.equal('fine'))).to.be.below(3000);
  });

  it('names with a thousand parts take linear time', () => {
    const nodes = chain(200, 'Relu').map((node, index) => ({ ...node, name: `${'/a_1'.repeat(250)}/m.${index}/Relu` }));
    const deep = `/${'a/'.repeat(100_000)}Relu`;
    const bytes = buildModel({ opset: 17, ...io, nodes: [{ ...nodes[0]!, name: deep }, ...nodes.slice(1)] });
    expect(cpuTime(() => expect(attempt(bytes)).to.equal('fine'))).to.be.below(2000);
  });
});
