// Every rule against central finite differences, run in onnxruntime-node.
import { differentiate, parseModel, writeModel } from '@saywhy/autodiff';
import { expect } from 'chai';
import type { TensorProto } from 'onnx-buf';
import * as ort from 'onnxruntime-node';
import { type Attribute, buildModel, type NodeSpec } from './model.js';
import { normal } from './random.js';

/** A floating-point input that is differentiated, a constant one, or an initializer of any type. */
export interface InputSpec {
  readonly shape: readonly number[];
  /** Elements; absent: random normal ones. Keep clear of kinks: the step of the differences is about 0.02 times a random direction. */
  readonly values?: readonly number[];
  /** Applied to random elements, to move them where the function is smooth. */
  readonly map?: (value: number, index: number) => number;
  /** The shape as the model declares it, with names for dimensions settled at run time. */
  readonly declared?: readonly (number | string)[];
  /** Fed, but no gradient is asked for. */
  readonly fixed?: boolean;
}

export interface GradientCase {
  readonly opset: number;
  readonly irVersion?: number;
  /** One operator on the inputs in their order ... */
  readonly op?: string;
  readonly domain?: string;
  readonly attributes?: Readonly<Record<string, Attribute | undefined>>;
  /** ... with initializers for the integer ones, by the same names ('' in `order` leaves an optional input out) ... */
  readonly initializers?: readonly TensorProto[];
  readonly order?: readonly string[];
  readonly outputs?: readonly string[];
  /** ... or a whole graph, whose result is `Y`. */
  readonly nodes?: readonly NodeSpec[];
  readonly inputs: Readonly<Record<string, InputSpec>>;
  /** Which output is differentiated: the first. */
  readonly of?: string;
  readonly seed?: number;
  /** Largest |difference quotient - gradient . direction|, relative to the gradient's norm. */
  readonly tolerance?: number;
  /** Step of the differences, relative to a direction of unit variance. */
  readonly step?: number;
}

const DIRECTIONS = 4;

/**
 * Compares the gradient of a random linear function of the output with difference quotients along random directions, by Richardson's extrapolation of two
 * central differences (error of fourth order, so that the step can be large enough for float32).
 */
export async function checkGradients(test: GradientCase): Promise<void> {
  const { tolerance = 1e-3, step = 0.02, seed = 1, of = 'Y' } = test;
  const next = normal(seed);
  const names = Object.keys(test.inputs);
  const wrt = names.filter((name) => !test.inputs[name]!.fixed);
  const nodes = test.nodes ?? [
    {
      op: test.op!,
      domain: test.domain ?? '',
      inputs: test.order ?? names,
      outputs: test.outputs ?? [of],
      attributes: test.attributes ?? {},
    },
  ];
  const bytes = buildModel({
    opset: test.opset,
    irVersion: test.irVersion ?? 8,
    inputs: names.map((name) => ({ name, shape: test.inputs[name]!.declared ?? test.inputs[name]!.shape })),
    outputs: [{ name: of }],
    nodes,
    initializers: test.initializers ?? [],
  });
  const values = Object.fromEntries(
    names.map((name) => {
      const { shape, values: given, map = (value: number) => value } = test.inputs[name]!;
      const count = shape.reduce((product, size) => product * size, 1);
      return [name, Float32Array.from({ length: count }, (_, index) => given?.[index] ?? map(next(), index))];
    }),
  );
  const feeds = (data: Readonly<Record<string, Float32Array>>) =>
    Object.fromEntries(names.map((name) => [name, new ort.Tensor('float32', data[name]!, test.inputs[name]!.shape)]));

  const plain = await ort.InferenceSession.create(bytes, { logSeverityLevel: 3, graphOptimizationLevel: 'disabled' });
  const output = (await plain.run(feeds(values)))[of]!;
  const cotangent = Float32Array.from(output.data as Float32Array, () => next());
  const score = async (data: Readonly<Record<string, Float32Array>>) =>
    dot((await plain.run(feeds(data)))[of]!.data as Float32Array, cotangent);

  const joined = differentiate(parseModel(bytes), { of, wrt });
  const session = await ort.InferenceSession.create(writeModel(joined), { logSeverityLevel: 3 });
  const results = await session.run({
    ...feeds(values),
    [`cotangent/${of}`]: new ort.Tensor('float32', cotangent, output.dims),
  });

  for (const name of wrt) {
    const gradient = results[`gradient/${name}`]!;
    expect(gradient.dims, `shape of the gradient of ${name}`).to.deep.equal(test.inputs[name]!.shape);
    const data = gradient.data as Float32Array;
    const norm = Math.sqrt(dot(data, data));
    for (let direction = 0; direction < DIRECTIONS; direction++) {
      const towards = Float32Array.from(data, () => next());
      const along = async (size: number) => {
        const moved = (sign: number) => ({
          ...values,
          [name]: values[name]!.map((value, index) => value + sign * size * towards[index]!),
        });
        return ((await score(moved(1))) - (await score(moved(-1)))) / (2 * size);
      };
      const expected = (4 * (await along(step / 2)) - (await along(step))) / 3;
      const error = Math.abs(expected - dot(data, towards)) / Math.max(norm, 1e-3);
      expect(error, `gradient of ${name}: differences give ${expected}, the rule ${dot(data, towards)}`).to.be.below(
        tolerance,
      );
    }
  }
  await plain.release();
  await session.release();
}

function dot(a: Float32Array, b: Float32Array): number {
  return a.reduce((total, value, index) => total + value * b[index]!, 0);
}
