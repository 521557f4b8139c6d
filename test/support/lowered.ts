// What an operator is lowered to, run beside the operator itself: they must give the same numbers, at kinks too.
import { parseModel, writeModel } from '@saywhy/autodiff';
import { expect } from 'chai';
import type { TensorProto } from 'onnx-buf';
import * as ort from 'onnxruntime-node';
import { Builder } from '../../packages/autodiff/src/builder/builder.js';
import { callOf, view } from '../../packages/autodiff/src/view.js';
import { type Attribute, buildModel } from './model.js';

export interface LoweredCase {
  readonly op: string;
  readonly opset: number;
  readonly attributes?: Readonly<Record<string, Attribute | undefined>>;
  readonly inputs: Readonly<Record<string, { readonly shape: readonly number[]; readonly values: readonly number[] }>>;
  readonly initializers?: readonly TensorProto[];
  /** Names of inputs and initializers in the operator's order; '' leaves one out. */
  readonly order?: readonly string[];
  readonly irVersion?: number;
}

/** Largest difference between the operator's elements and its lowering's. */
export async function loweringError(test: LoweredCase): Promise<number> {
  const { op, opset, attributes = {}, inputs, initializers = [] } = test;
  const names = Object.keys(inputs);
  const model = parseModel(
    buildModel({
      opset,
      irVersion: test.irVersion ?? 8,
      inputs: names.map((name) => ({ name, shape: inputs[name]!.shape })),
      outputs: [{ name: 'Y' }],
      nodes: [{ op, inputs: test.order ?? names, outputs: ['Y'], attributes }],
      initializers,
    }),
  );
  const b = new Builder(model);
  const step = view(model)[0]!;
  const call = callOf(step, (name) => b.tensor(name), opset);
  const made = step.operator!.lower!({ ...call, b });
  b.output('lowered', 'name' in made ? made : made[0]!);
  const session = await ort.InferenceSession.create(writeModel(b.build()), { logSeverityLevel: 3 });
  const feeds = Object.fromEntries(
    names.map((name) => [
      name,
      new ort.Tensor('float32', Float32Array.from(inputs[name]!.values), inputs[name]!.shape),
    ]),
  );
  const { Y, lowered } = await session.run(feeds);
  await session.release();
  expect(lowered!.dims, 'shape').to.deep.equal(Y!.dims);
  const [given, own] = [Y!.data as Float32Array, lowered!.data as Float32Array];
  return given.reduce((worst, value, index) => Math.max(worst, Math.abs(value - own[index]!)), 0);
}
