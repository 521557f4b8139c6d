import { type Dimension, inferTensors, parseModel } from '@saywhy/autodiff';
import { expect } from 'chai';
import * as ort from 'onnxruntime-node';
import { buildModel } from '../../support/model.js';
import { randomGraph } from '../../support/random-graph.js';

/** Checks a size or an element against what it was: numbers are equal, and a name stands for one number, or is a product of such. */
function agree(known: Dimension, actual: number, symbols: Map<string, number>, where: string): void {
  if (typeof known === 'number') {
    expect(known, where).to.equal(actual);
    return;
  }
  if (known === '?') return;
  const before = symbols.get(known);
  if (before !== undefined) expect(before, `${where}: ${known}`).to.equal(actual);
  symbols.set(known, actual);
  const factors = known.split('×').map((factor) => (/^\d+$/.test(factor) ? Number(factor) : symbols.get(factor)));
  if (factors.length > 1 && factors.every((factor) => factor !== undefined))
    expect(
      factors.reduce((product, factor) => product * factor, 1),
      `${where}: ${known}`,
    ).to.equal(actual);
}

/** Infers everything about a random graph and compares it with a run. Gives how many of the sizes were told. */
async function compare(seed: number, symbolic: boolean): Promise<{ readonly told: number; readonly sizes: number }> {
  const { opset, inputs, nodes, initializers, tensors } = randomGraph(seed, 40, symbolic);
  const types = ['float32', 'int64', 'bool'] as const;
  const bytes = buildModel({ opset, inputs, outputs: [{ name: tensors.at(-1)! }], nodes, initializers });
  const inferred = inferTensors(parseModel(bytes));
  const outputs = tensors.map((name) => {
    const type = types.find((known) => known === inferred.get(name)?.type);
    expect(type, `type of ${name}`).to.not.equal(undefined);
    return { name, type: type! };
  });
  const session = await ort.InferenceSession.create(buildModel({ opset, inputs, outputs, nodes, initializers }), {
    logSeverityLevel: 3,
    graphOptimizationLevel: 'disabled',
  });
  const feeds = Object.fromEntries(
    inputs.map(({ name, size }) => [
      name,
      new ort.Tensor('float32', new Float32Array(size.reduce((a, b) => a * b, 1)), size),
    ]),
  );
  const results = await session.run(feeds);
  const symbols = new Map<string, number>();
  for (const { shape, size } of inputs)
    for (const [axis, name] of shape!.entries()) symbols.set(String(name), size[axis]!);
  let told = 0;
  let sizes = 0;
  for (const name of tensors) {
    const actual = results[name]!;
    const { shape, value } = inferred.get(name)!;
    const where = `seed ${seed}, ${name} of ${nodes.find((node) => node.outputs.includes(name))!.op}`;
    sizes += 1;
    if (!shape) continue;
    expect(shape.length, `rank: ${where}`).to.equal(actual.dims.length);
    for (const [axis, size] of shape.entries()) agree(size, actual.dims[axis]!, symbols, where);
    if (!shape.some((size) => typeof size === 'string' && size.includes('['))) told += 1;
    if (!value) continue;
    const elements = Array.from(actual.data as ArrayLike<number | bigint | boolean>, Number);
    expect(value.length, `elements: ${where}`).to.equal(elements.length);
    for (const [index, element] of value.entries()) agree(element, elements[index]!, symbols, where);
  }
  await session.release();
  return { told, sizes };
}

describe('inferred shapes and elements are those of a run', () => {
  for (let block = 0; block < 10; block++)
    it(`random graphs ${block * 10} to ${block * 10 + 9}, sizes known: every shape is told`, async () => {
      for (let seed = block * 10; seed < block * 10 + 10; seed++) {
        const { told, sizes } = await compare(seed, false);
        expect(told, `seed ${seed}`).to.equal(sizes);
      }
    });
  for (let block = 0; block < 10; block++)
    it(`random graphs ${block * 10} to ${block * 10 + 9}, some sizes settled at run time: most shapes are told`, async () => {
      let [told, sizes] = [0, 0];
      for (let seed = block * 10; seed < block * 10 + 10; seed++) {
        const found = await compare(1000 + seed, true);
        told += found.told;
        sizes += found.sizes;
      }
      expect(told / sizes).to.be.above(0.6);
    });
});
