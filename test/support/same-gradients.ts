// The gradients of an operator that onnxruntime's CPU provider does not run, against those of nodes that say the same.
import { differentiate, extract, parseModel } from '@saywhy/autodiff';
import { expect } from 'chai';
import type { TensorProto } from 'onnx-buf';
import { buildModel, type NodeSpec } from './model.js';
import { random } from './random.js';
import { run } from './run.js';

export interface SameGradients {
  readonly opset: number;
  readonly inputs: Readonly<Record<string, readonly number[]>>;
  readonly initializers?: readonly TensorProto[];
  /** The shape of the result `Y`. */
  readonly shape: readonly number[];
  readonly node: NodeSpec;
  readonly plain: readonly NodeSpec[];
}

/** Only the backward part of the node is run; where that reads the node's own output, it is given the plain nodes'. */
export async function sameGradients({
  opset,
  inputs,
  initializers = [],
  shape,
  node,
  plain,
}: SameGradients): Promise<void> {
  const names = Object.keys(inputs);
  const model = (nodes: readonly NodeSpec[]) =>
    parseModel(
      buildModel({
        opset,
        inputs: names.map((name) => ({ name, shape: inputs[name]! })),
        outputs: [{ name: 'Y', shape }],
        nodes,
        initializers,
      }),
    );
  const feed = (sizes: readonly number[], seed: number) => {
    const next = random(seed);
    return { shape: sizes, data: Array.from({ length: sizes.reduce((a, b) => a * b, 1) }, () => 2 * next() - 1) };
  };
  const feeds = Object.fromEntries(names.map((name, index) => [name, feed(inputs[name]!, index + 1)]));
  const all = { ...feeds, 'cotangent/Y': feed(shape, 99) };
  const gradients = names.map((name) => `gradient/${name}`);
  const options = { of: 'Y', wrt: names };
  const expected = await run(differentiate(model(plain), options), all);
  const whole = differentiate(model([node]), options);
  const backward = extract(whole, { inputs: [...names, 'Y', 'cotangent/Y'], outputs: gradients });
  const actual = await run(backward, { ...all, Y: expected.Y! });
  for (const name of gradients) {
    expect(actual[name]!.shape, name).to.deep.equal(expected[name]!.shape);
    for (const [index, value] of actual[name]!.data.entries())
      expect(value, name).to.be.closeTo(expected[name]!.data[index]!, 1e-5);
  }
}
