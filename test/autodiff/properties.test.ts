// What holds for every model: linearity in the cotangent, batches, parts, precisions.
import { readFileSync } from 'node:fs';
import {
  differentiate,
  type Initializer,
  type Model,
  makeInitializer,
  parseModel,
  partition,
  readTensor,
  resolveTensor,
  writeModel,
} from '@saywhy/autodiff';
import { onnxruntimeNode } from '@saywhy/node';
import { expect } from 'chai';
import * as fc from 'fast-check';
import * as ort from 'onnxruntime-node';
import { fromFloat16Bits, toFloat16Bits } from '../../packages/autodiff/src/model/data-types.js';
import { relativeError } from '../support/golden.js';
import { buildModel, floats } from '../support/model.js';
import { normal } from '../support/random.js';
import { type Feed, load, run } from '../support/run.js';

const net = (name: string) => parseModel(readFileSync(new URL(`../fixtures/nets/${name}.onnx`, import.meta.url)));
const next = normal(11);
const random = (...shape: number[]): Feed => ({
  data: Array.from({ length: shape.reduce((a, b) => a * b, 1) }, next),
  shape,
});

describe('a gradient', () => {
  it('is linear in the cotangent', async () => {
    const session = await load(differentiate(net('residual.torchscript'), { of: 'logits', wrt: ['input'] }));
    const input = random(1, 3, 32, 32);
    const gradient = async (cotangent: readonly number[]) =>
      (await session.run({ input, 'cotangent/logits': { data: cotangent, shape: [1, 10] } }))['gradient/input']!.data;
    const number = fc.integer({ min: -64, max: 64 }).map((value) => value / 8);
    const cotangents = fc.array(number, { minLength: 10, maxLength: 10 });
    await fc.assert(
      fc.asyncProperty(cotangents, cotangents, number, async (c, d, factor) => {
        const [ofC, ofD] = [await gradient(c), await gradient(d)];
        const ofSum = await gradient(c.map((value, index) => value + factor * d[index]!));
        const expected = ofC.map((value, index) => value + factor * ofD[index]!);
        const scale = Math.hypot(...ofC) + Math.abs(factor) * Math.hypot(...ofD);
        const error = Math.hypot(...ofSum.map((value, index) => value - expected[index]!));
        expect(error).to.be.at.most(1e-5 * scale);
      }),
      { numRuns: 25, seed: 1 },
    );
    await session.release();
  });

  for (const name of ['swin.dynamo', 'mobile.torchscript', 'inception.dynamo', 'vit.torchscript', 'norms.torchscript'])
    it(`of a batch is that of its members: ${name}`, async () => {
      const model = net(name);
      const session = await load(differentiate(model, { of: 'logits', wrt: ['input'] }));
      const [images, cotangents] = [random(3, 3, 32, 32), random(3, 10)];
      const rows = (feed: Feed, from: number, to: number): Feed => {
        const size = feed.data.length / feed.shape[0]!;
        return { data: [...feed.data].slice(from * size, to * size), shape: [to - from, ...feed.shape.slice(1)] };
      };
      const gradient = async (from: number, to: number) =>
        (await session.run({ input: rows(images, from, to), 'cotangent/logits': rows(cotangents, from, to) }))[
          'gradient/input'
        ]!.data;
      const single = [await gradient(0, 1), await gradient(1, 2), await gradient(2, 3)].flat();
      expect(relativeError(await gradient(0, 3), single)).to.be.below(1e-5);
      await session.release();
    });
});

describe('the two parts of a differentiated model', () => {
  for (const [name, layer] of [
    ['residual.torchscript', 'features.2'],
    ['efficient.torchscript', 'features.1'],
    ['swin.dynamo', 'stage.0'],
    ['inception.dynamo', 'features.2'],
  ] as const)
    it(`give what the whole gives: ${name}`, async () => {
      const model = net(name);
      const tensor = resolveTensor(model, layer);
      const joined = differentiate(model, { of: 'logits', wrt: [tensor, 'input'] });
      const gradients = [`gradient/${tensor}`, 'gradient/input'];
      const { forward, backward, saved } = partition(joined, gradients);
      const [input, cotangent] = [random(1, 3, 32, 32), random(1, 10)];
      const whole = await run(joined, { input, 'cotangent/logits': cotangent });
      const first = await run(forward, { input });
      const passed = Object.fromEntries(saved.map((at) => [at, at === 'input' ? input : first[at]!]));
      const second = await run(backward, { ...passed, 'cotangent/logits': cotangent });
      expect(relativeError(first.logits!.data, whole.logits!.data)).to.be.below(1e-6);
      for (const gradient of gradients) {
        expect(second[gradient]!.shape).to.deep.equal(whole[gradient]!.shape);
        expect(relativeError(second[gradient]!.data, whole[gradient]!.data), gradient).to.be.below(1e-5);
      }
      expect(forward.graph.inputs.map(({ name: at }) => at)).to.deep.equal(['input']);
      expect(backward.graph.nodes.length + forward.graph.nodes.length).to.be.at.least(joined.graph.nodes.length);
    });

  it('copy constants, and pass what varies', async () => {
    const model = parseModel(
      buildModel({
        opset: 13,
        inputs: [{ name: 'x', shape: [2] }],
        outputs: [{ name: 'y', shape: [2] }],
        initializers: [floats('w', [2], [2, 3])],
        nodes: [
          { op: 'Exp', inputs: ['w'], outputs: ['e'] },
          { op: 'Exp', inputs: ['x'], outputs: ['f'] },
          { op: 'Mul', inputs: ['e', 'f'], outputs: ['y'] },
        ],
      }),
    );
    const { forward, backward, saved } = partition(differentiate(model, { of: 'y', wrt: ['x'] }), ['gradient/x']);
    expect(saved).to.deep.equal(['f']);
    expect(forward.graph.outputs.map(({ name }) => name)).to.deep.equal(['y', 'f']);
    expect(backward.graph.inputs.map(({ name }) => name)).to.deep.equal(['f', 'cotangent/y']);
    expect([...backward.graph.initializers.keys()]).to.deep.equal(['w']);
  });

  it('pass what is drawn at random, of which a copy would be another draw', () => {
    const model = parseModel(
      buildModel({
        opset: 13,
        inputs: [{ name: 'x', shape: [2] }],
        outputs: [{ name: 'y', shape: [2] }],
        nodes: [
          { op: 'RandomNormal', inputs: [], outputs: ['noise'], attributes: { shape: [2] } },
          { op: 'Mul', inputs: ['x', 'noise'], outputs: ['y'] },
        ],
      }),
    );
    expect(partition(differentiate(model, { of: 'y', wrt: ['x'] }), ['gradient/x']).saved).to.deep.equal(['noise']);
  });
});

/** A small convolutional classifier in a given precision. */
function classifier(type: 'float32' | 'float16'): Model {
  const draw = normal(5);
  const weight = (name: string, ...shape: number[]) =>
    makeInitializer(
      name,
      type,
      shape,
      Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => 0.3 * draw()),
    );
  const weights: Initializer[] = [weight('k', 6, 3, 3, 3), weight('b', 6), weight('w', 6, 4), weight('c', 4)];
  const model = parseModel(
    buildModel({
      opset: 17,
      inputs: [{ name: 'x', shape: [1, 3, 8, 8], type }],
      outputs: [{ name: 'y', shape: [1, 4], type }],
      initializers: weights.map(({ proto }) => proto),
      nodes: [
        { op: 'Conv', inputs: ['x', 'k', 'b'], outputs: ['conv'], attributes: { pads: [1, 1, 1, 1] } },
        { op: 'Relu', inputs: ['conv'], outputs: ['relu'] },
        { op: 'MaxPool', inputs: ['relu'], outputs: ['pool'], attributes: { kernel_shape: [2, 2], strides: [2, 2] } },
        { op: 'Sigmoid', inputs: ['pool'], outputs: ['gate'] },
        { op: 'Mul', inputs: ['pool', 'gate'], outputs: ['silu'] },
        { op: 'GlobalAveragePool', inputs: ['silu'], outputs: ['mean'] },
        { op: 'Flatten', inputs: ['mean'], outputs: ['flat'] },
        { op: 'Gemm', inputs: ['flat', 'w', 'c'], outputs: ['y'] },
      ],
    }),
  );
  return model;
}

describe('precisions', () => {
  it('float16 end to end: every new tensor is float16, and gradients agree with float32 to its accuracy', async () => {
    const half = differentiate(classifier('float16'), { of: 'y', wrt: ['relu', 'x'] });
    expect(half.graph.outputs.map(({ type }) => type)).to.deep.equal(['float16', 'float16', 'float16']);
    // The float32 net gets the rounded weights, so that only the arithmetic differs.
    const single = differentiate(rounded(classifier('float32')), { of: 'y', wrt: ['relu', 'x'] });
    const half16 = ({ data, shape }: Feed): Feed => ({
      data: Array.from(data, (value) => fromFloat16Bits(toFloat16Bits(16 * value))),
      shape,
    });
    const [x, cotangent] = [half16(random(1, 3, 8, 8)), half16(random(1, 4))];
    const expected = await run(single, { x, 'cotangent/y': cotangent });
    const session = await onnxruntimeNode.createSession({ bytes: writeModel(half) }, { device: 'cpu' });
    const results = await session.run({ x: halves(x), 'cotangent/y': halves(cotangent) });
    for (const name of ['gradient/relu', 'gradient/x']) {
      const data = results[name]!.data as unknown as Iterable<number>;
      const bits = data instanceof Uint16Array ? Array.from(data, fromFloat16Bits) : Array.from(data);
      expect(relativeError(bits, expected[name]!.data), name).to.be.below(5e-3);
    }
    await session.release();
  });

  it('float64: gradients are exact to double precision', async () => {
    const model = parseModel(
      buildModel({
        opset: 17,
        inputs: [{ name: 'x', shape: [1, 3], type: 'float64' }],
        outputs: [{ name: 'y', type: 'float64' }],
        nodes: [
          { op: 'Mul', inputs: ['x', 'x'], outputs: ['s'] },
          { op: 'Exp', inputs: ['s'], outputs: ['e'] },
          { op: 'Softmax', inputs: ['e'], outputs: ['p'] },
          { op: 'Tanh', inputs: ['p'], outputs: ['y'] },
        ],
      }),
    );
    const joined = differentiate(model, { of: 'y', wrt: ['x'] });
    expect(joined.graph.outputs[1]!.type).to.equal('float64');
    const x = [0.3, -0.7, 0.5];
    const cotangent = [1, -2, 3];
    const results = await run(joined, {
      x: { data: x, shape: [1, 3], type: 'float64' },
      'cotangent/y': { data: cotangent, shape: [1, 3], type: 'float64' },
    });
    const value = (at: readonly number[]) => {
      const e = at.map((a) => Math.exp(Math.exp(a * a)));
      const total = e.reduce((a, b) => a + b);
      return e.reduce((sum, a, index) => sum + cotangent[index]! * Math.tanh(a / total), 0);
    };
    const step = 1e-3;
    const expected = x.map((_, index) => {
      const at = (size: number) => value(x.map((a, other) => a + (other === index ? size : 0)));
      const difference = (size: number) => (at(size) - at(-size)) / (2 * size);
      return (4 * difference(step / 2) - difference(step)) / 3;
    });
    expect(relativeError(results['gradient/x']!.data, expected)).to.be.below(1e-10);
  });
});

function rounded(model: Model): Model {
  const initializers = new Map(
    [...model.graph.initializers].map(([name, { type, shape, proto }]) => {
      const values = readTensor(proto, new Map()).map((value) => fromFloat16Bits(toFloat16Bits(value)));
      return [name, makeInitializer(name, type, shape, values)] as const;
    }),
  );
  return { ...model, graph: { ...model.graph, initializers } };
}

function halves({ data, shape }: Feed): ort.Tensor {
  return new ort.Tensor('float16', Uint16Array.from(Array.from(data, toFloat16Bits)), shape);
}
