// The inferred shapes of real networks against those of a run that hands out every tensor.
import { readdirSync, readFileSync } from 'node:fs';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { inferTensors, inlineGraphs, parseModel, writeModel } from '@saywhy/autodiff';
import { expect } from 'chai';
import { ModelProtoSchema, ValueInfoProtoSchema } from 'onnx-buf';
import * as ort from 'onnxruntime-node';
import { fixtures } from '../../support/golden.js';

/** Compares every tensor of a model with a run. Gives the names of the sizes that are settled at run time. */
async function compare(file: URL, size: number): Promise<string[]> {
  const model = inlineGraphs(parseModel(readFileSync(file)));
  const bytes = writeModel(model);
  const inferred = inferTensors(model);
  const proto = fromBinary(ModelProtoSchema, bytes);
  const graph = proto.graph!;
  const made = graph.node.flatMap(({ output }) => output).filter((name) => name !== '');
  const declared = new Set(graph.output.map(({ name }) => name));
  graph.output.push(
    ...made.filter((name) => !declared.has(name)).map((name) => create(ValueInfoProtoSchema, { name })),
  );
  const session = await ort.InferenceSession.create(toBinary(ModelProtoSchema, proto), {
    logSeverityLevel: 3,
    graphOptimizationLevel: 'disabled',
  });
  const feeds = Object.fromEntries(
    session.inputNames.map((name) => {
      const shape = inferred.get(name)!.shape!.map((known) => (typeof known === 'number' ? known : size));
      return [name, new ort.Tensor('float32', new Float32Array(shape.reduce((a, b) => a * b, 1)), shape)];
    }),
  );
  const results = await session.run(feeds);
  const symbols = new Map<string, number>();
  for (const name of made) {
    const { shape } = inferred.get(name)!;
    const actual = results[name]!.dims;
    expect(shape?.length, `rank of ${name}`).to.equal(actual.length);
    for (const [axis, known] of shape!.entries()) {
      if (typeof known === 'string') symbols.set(known, symbols.get(known) ?? actual[axis]!);
      expect(typeof known === 'string' ? symbols.get(known) : known, `${name}[${axis}]`).to.equal(actual[axis]);
    }
  }
  await session.release();
  return [...symbols.keys()];
}

describe('inferred shapes are those of a run, for every tensor', () => {
  for (const batch of [1, 2])
    it(`EfficientNet-Lite0, batch ${batch}`, async () => {
      await compare(new URL('../../../models/efficientnet-lite0.onnx', import.meta.url), batch);
    });
  const nets = new URL('nets/', fixtures);
  for (const name of readdirSync(nets).filter((file) => file.endsWith('.onnx')))
    it(`${name}: nothing is left open but the batch`, async () => {
      for (const symbol of await compare(new URL(name, nets), 2)) expect(symbol).to.match(/^(\d+×)?batch$/);
    });
});
