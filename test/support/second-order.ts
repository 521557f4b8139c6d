// Second derivatives: the gradient of a model that already has one, against central differences of the first gradient.
import { differentiate, parseModel, writeModel } from '@saywhy/autodiff';
import { expect } from 'chai';
import type { TensorProto } from 'onnx-buf';
import * as ort from 'onnxruntime-node';
import { type Attribute, buildModel, type NodeSpec } from './model.js';
import { normal } from './random.js';

export interface SecondOrderCase {
  readonly op?: string;
  /** Instead of one operator, a whole graph of X whose result is Y. */
  readonly nodes?: readonly NodeSpec[];
  readonly opset: number;
  readonly attributes?: Readonly<Record<string, Attribute | undefined>>;
  readonly shape: readonly number[];
  readonly map?: (value: number) => number;
  /** The input stands for two operands. */
  readonly twice?: boolean;
  /** Further inputs of the operator, constant. */
  readonly initializers?: readonly TensorProto[];
  /** Constant ones before it. */
  readonly leading?: readonly TensorProto[];
  /** Largest error relative to the norm of the second derivative. */
  readonly tolerance?: number;
}

/** Checks the derivative of <v, gradient of Y at X> with respect to X, for a random v and a random cotangent of Y. */
export async function checkSecondOrder(test: SecondOrderCase): Promise<void> {
  const { opset, attributes = {}, shape, map = (value) => value } = test;
  const { leading = [], initializers = [], tolerance = 2e-3 } = test;
  const next = normal(1);
  const names = (tensors: readonly TensorProto[]) => tensors.map(({ name }) => name);
  const operands = [...names(leading), ...(test.twice ? ['X', 'X'] : ['X']), ...names(initializers)];
  const count = shape.reduce((product, size) => product * size, 1);
  const bytes = buildModel({
    opset,
    inputs: [{ name: 'X', shape }],
    outputs: [{ name: 'Y' }],
    nodes: test.nodes ?? [{ op: test.op!, inputs: operands, outputs: ['Y'], attributes }],
    initializers: [...leading, ...initializers],
  });
  const once = differentiate(parseModel(bytes), { of: 'Y', wrt: ['X'] });
  const twice = differentiate(once, { of: 'gradient/X', wrt: ['X'], prefix: 'second/' });
  const session = await ort.InferenceSession.create(writeModel(twice), { logSeverityLevel: 3 });
  const tensor = (data: Float32Array, dims: readonly number[]) => new ort.Tensor('float32', data, dims);
  const random = (size: number) => Float32Array.from({ length: size }, () => next());
  const x = random(count).map(map);
  const v = random(count);
  const plain = await ort.InferenceSession.create(bytes, { logSeverityLevel: 3 });
  const { dims, size } = (await plain.run({ X: tensor(x, shape) })).Y!;
  const cotangent = tensor(random(size), dims);
  const run = async (X: Float32Array) => {
    const feeds = {
      X: tensor(X, shape),
      'cotangent/Y': cotangent,
      'second/cotangent/gradient/X': tensor(v, shape),
    };
    const results = await session.run(feeds);
    return {
      first: dot(results['gradient/X']!.data as Float32Array, v),
      second: results['second/gradient/X']!.data as Float32Array,
    };
  };
  const { second } = await run(x);
  const norm = Math.sqrt(dot(second, second));
  for (let direction = 0; direction < 3; direction++) {
    const towards = random(count);
    const along = async (step: number) => {
      const moved = (sign: number) => x.map((value, index) => value + sign * step * towards[index]!);
      return ((await run(moved(1))).first - (await run(moved(-1))).first) / (2 * step);
    };
    const expected = (4 * (await along(0.01)) - (await along(0.02))) / 3;
    const error = Math.abs(expected - dot(second, towards)) / Math.max(norm, 1e-2);
    expect(error, `differences give ${expected}, the rules ${dot(second, towards)}`).to.be.below(tolerance);
  }
  await plain.release();
  await session.release();
}

function dot(a: Float32Array, b: Float32Array): number {
  return a.reduce((total, value, index) => total + value * b[index]!, 0);
}
