// Derivatives of derivatives of linear operators: a gradient is linear in its cotangent, and its own gradient with respect to the cotangent is the
// forward derivative. So the rules of all that a rule emits are checked by differences of the operator itself.
import { differentiate, parseModel, writeModel } from '@saywhy/autodiff';
import { expect } from 'chai';
import * as ort from 'onnxruntime-node';
import type { GradientCase } from './gradient-check.js';
import { buildModel } from './model.js';
import { normal } from './random.js';

/** Compares the derivative along a random direction, by differentiating the gradient of the first input, with a central difference. */
export async function checkForwardDerivative(test: GradientCase): Promise<void> {
  const { tolerance = 1e-3, of = 'Y', seed = 1 } = test;
  const next = normal(seed);
  const names = Object.keys(test.inputs);
  const name = names.find((each) => !test.inputs[each]!.fixed)!;
  const attributes = test.attributes ?? {};
  const bytes = buildModel({
    opset: test.opset,
    irVersion: test.irVersion ?? 8,
    inputs: names.map((each) => ({ name: each, shape: test.inputs[each]!.declared ?? test.inputs[each]!.shape })),
    outputs: [{ name: of }],
    nodes: test.nodes ?? [{ op: test.op!, inputs: test.order ?? names, outputs: test.outputs ?? [of], attributes }],
    initializers: test.initializers ?? [],
  });
  const once = differentiate(parseModel(bytes), { of, wrt: [name] });
  const twice = differentiate(once, { of: `gradient/${name}`, wrt: [`cotangent/${of}`], prefix: 'second/' });
  const feeds = Object.fromEntries(
    names.map((each) => {
      const { shape, values, map = (value: number) => value } = test.inputs[each]!;
      const count = shape.reduce((product, size) => product * size, 1);
      const data = Float32Array.from({ length: count }, (_, index) => values?.[index] ?? map(next(), index));
      return [each, new ort.Tensor('float32', data, shape)];
    }),
  );
  const options = { logSeverityLevel: 3 } as const;
  const plain = await ort.InferenceSession.create(bytes, options);
  const session = await ort.InferenceSession.create(writeModel(twice), options);
  const x = feeds[name]!;
  const towards = Float32Array.from(x.data as Float32Array, () => next());
  const at = async (step: number) => {
    const moved = (x.data as Float32Array).map((value, index) => value + step * towards[index]!);
    return (await plain.run({ ...feeds, [name]: new ort.Tensor('float32', moved, x.dims) }))[of]!;
  };
  const [above, below] = [await at(0.05), await at(-0.05)];
  const results = await session.run({
    ...feeds,
    [`cotangent/${of}`]: new ort.Tensor('float32', new Float32Array(above.size), above.dims),
    [`second/cotangent/gradient/${name}`]: new ort.Tensor('float32', towards, x.dims),
  });
  const found = results[`second/gradient/cotangent/${of}`]!;
  expect(found.dims).to.deep.equal(above.dims);
  const [high, low, derivative] = [above, below, found].map(({ data }) => data as Float32Array) as [
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  derivative.forEach((value, index) => {
    expect(value, `element ${index}`).to.be.closeTo((high[index]! - low[index]!) / 0.1, 10 * tolerance);
  });
  await plain.release();
  await session.release();
}
