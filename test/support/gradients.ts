// Gradients at chosen points, to be compared with explicit numbers.
import { differentiate, parseModel, type Rules, writeModel } from '@saywhy/autodiff';
import type { TensorProto } from 'onnx-buf';
import * as ort from 'onnxruntime-node';
import { type Attribute, buildModel, type NodeSpec } from './model.js';

interface Point {
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

export interface GradientsOptions {
  readonly opset?: number;
  /** One operator on the inputs in their order ... */
  readonly op?: string;
  readonly attributes?: Readonly<Record<string, Attribute | undefined>>;
  readonly order?: readonly string[];
  readonly initializers?: readonly TensorProto[];
  /** ... or a whole graph, whose result is `Y`. */
  readonly nodes?: readonly NodeSpec[];
  /** A list of numbers is a vector. */
  readonly inputs: Readonly<Record<string, readonly number[] | Point>>;
  /** Of the output's elements; absent: ones. */
  readonly cotangent?: readonly number[];
  readonly rules?: Rules;
}

/** The gradient at each input of the sum of `Y` weighted by the cotangent. */
export async function gradientsOf(options: GradientsOptions): Promise<Record<string, number[]>> {
  const { opset = 17, op, attributes = {}, order, initializers = [], cotangent, rules = {} } = options;
  const points = Object.entries(options.inputs).map(([name, point]) => {
    const { shape, values } = isVector(point) ? { shape: [point.length], values: point } : point;
    return { name, shape, tensor: new ort.Tensor('float32', Float32Array.from(values), shape) };
  });
  const names = points.map(({ name }) => name);
  const bytes = buildModel({
    opset,
    inputs: points.map(({ name, shape }) => ({ name, shape })),
    outputs: [{ name: 'Y' }],
    nodes: options.nodes ?? [{ op: op!, inputs: order ?? names, outputs: ['Y'], attributes }],
    initializers,
  });
  const feeds = Object.fromEntries(points.map(({ name, tensor }) => [name, tensor]));
  const plain = await ort.InferenceSession.create(bytes, { logSeverityLevel: 3 });
  const { dims, size } = (await plain.run(feeds)).Y!;
  const joined = differentiate(parseModel(bytes), { of: 'Y', wrt: names, rules });
  const session = await ort.InferenceSession.create(writeModel(joined), { logSeverityLevel: 3 });
  const g = Float32Array.from({ length: size }, (_, index) => cotangent?.[index] ?? 1);
  const results = await session.run({ ...feeds, 'cotangent/Y': new ort.Tensor('float32', g, dims) });
  await plain.release();
  await session.release();
  return Object.fromEntries(
    names.map((name) => [name, Array.from(results[`gradient/${name}`]!.data as Float32Array, withoutSign)]),
  );
}

/** Zero without its sign, which says nothing of a gradient. */
function withoutSign(value: number): number {
  return value + 0;
}

function isVector(point: readonly number[] | Point): point is readonly number[] {
  return Array.isArray(point);
}
