// PyTorch's module paths, as its exporters write them. The node names below are those that torch 2.13 wrote for such modules.
import { readdirSync, readFileSync } from 'node:fs';
import {
  differentiate,
  extract,
  type Model,
  modules,
  parseModel,
  partition,
  resolveTensor,
  writeModel,
} from '@saywhy/autodiff';
import { expect } from 'chai';
import { relativeError } from '../support/golden.js';
import { buildModel, floats, type NodeSpec } from '../support/model.js';
import { normal } from '../support/random.js';
import { run } from '../support/run.js';
import { throwsCode } from '../support/throws-code.js';

const nets = new URL('../fixtures/nets/', import.meta.url);
const net = (file: string) => parseModel(readFileSync(new URL(file, nets)));

/** A chain of nodes, each with its name, or its scopes as dynamo writes them. */
function chain(nodes: readonly (Partial<NodeSpec> & { readonly scopes?: string; readonly weight?: string })[]): Model {
  const weights = [...new Set(nodes.flatMap(({ weight }) => weight ?? []))];
  return parseModel(
    buildModel({
      opset: 17,
      inputs: [{ name: 'input', shape: [1] }],
      outputs: [{ name: `t${nodes.length - 1}` }],
      initializers: weights.map((name) => floats(name, [1], [1])),
      nodes: nodes.map(({ scopes, weight, ...node }, index) => ({
        op: weight ? 'Mul' : 'Relu',
        inputs: [index === 0 ? 'input' : `t${index - 1}`, ...(weight ? [weight] : [])],
        outputs: [`t${index}`],
        ...(scopes && { metadata: { 'pkg.torch.onnx.name_scopes': scopes } }),
        ...node,
      })),
    }),
  );
}
const paths = (model: Model) => Object.fromEntries(modules(model));

describe('module paths', () => {
  it('of the TorchScript exporter: containers repeat their name, blocks do not', () => {
    const model = chain([
      { name: '/stem/stem.0/Mul', weight: 'stem.0.weight' },
      { name: '/stem/stem.1/stem.1.1/Relu' },
      { name: '/layer.0/conv1/Mul', weight: 'layer.0.conv1.weight' },
      { name: '/layer.0/Tanh' },
      { name: '/conv/conv/Mul', weight: 'a' },
      { name: '/Flatten' },
      { name: '/head/Mul', weight: 'b' },
    ]);
    expect(paths(model)).to.deep.equal({
      'stem.0': 't0',
      stem: 't1',
      'stem.1': 't1',
      'stem.1.1': 't1',
      'layer.0.conv1': 't2',
      'layer.0': 't3',
      conv: 't4',
      'conv.conv': 't4',
      head: 't6',
    });
  });

  it('of the TorchScript exporter: a module that is called again has the result of its last call', () => {
    const model = chain([
      { name: '/block/conv1/Mul', weight: 'one' },
      { name: '/block/relu/Relu' },
      { name: '/block/conv2/Mul', weight: 'two' },
      { name: '/block/relu_1/Relu' },
      { name: '/shared/Mul', weight: 'three' },
      { name: '/shared_1/Mul', weight: 'three' },
    ]);
    expect(paths(model)).to.deep.equal({
      'block.conv1': 't0',
      'block.conv2': 't2',
      block: 't3',
      'block.relu': 't3',
      shared: 't5',
    });
  });

  it('of the TorchScript exporter: a number in a name is no call where weights or operators differ', () => {
    const model = chain([
      { name: '/conv/Mul', weight: 'one' },
      { name: '/conv_1/Mul', weight: 'two' },
      { name: '/act/Relu' },
      { name: '/act_1/Sigmoid', op: 'Sigmoid' },
      { name: '/fc_2/Relu' },
    ]);
    expect(paths(model)).to.deep.equal({ conv: 't0', conv_1: 't1', act: 't2', act_1: 't3', fc_2: 't4' });
  });

  it('of the TorchScript exporter: a whole block that is called again', () => {
    const model = chain([
      { name: '/block/conv/Mul', weight: 'w' },
      { name: '/block/relu/Relu' },
      { name: '/block_1/conv/Mul', weight: 'w' },
      { name: '/block_1/relu/Relu' },
    ]);
    expect(paths(model)).to.deep.equal({ 'block.conv': 't2', block: 't3', 'block.relu': 't3' });
  });

  it('of the dynamo exporter: any text that Python puts in quotes', () => {
    const model = chain([
      { scopes: "['', 'layer.0', 'layer.0.conv1', 'conv2d']" },
      { scopes: "['', 'layer.0', 'layer.0.relu', 'relu']" },
      { scopes: `['', 'blocks.a b', "blocks.a b.it's", 'relu_1']` },
      { scopes: `['', 'blocks.a b', 'blocks.a b.say "why"', 'relu_2']` },
      { scopes: `['', 'odd', 'odd.both \\' and "', 'relu_3']` },
      { scopes: "['', 'relu_4']" },
    ]);
    expect(paths(model)).to.deep.equal({
      'layer.0.conv1': 't0',
      'layer.0': 't1',
      'layer.0.relu': 't1',
      "blocks.a b.it's": 't2',
      'blocks.a b': 't3',
      'blocks.a b.say "why"': 't3',
      odd: 't4',
      'odd.both \' and "': 't4',
    });
  });

  it('are the last result used outside, not the last one made', () => {
    const model = parseModel(
      buildModel({
        opset: 17,
        inputs: [{ name: 'x', shape: [1] }],
        outputs: [{ name: 'y' }],
        nodes: [
          { op: 'Relu', inputs: ['x'], outputs: ['a'], name: '/m/Relu' },
          { op: 'Neg', inputs: ['x'], outputs: ['b'], name: '/m/Neg' },
          { op: 'Abs', inputs: ['b'], outputs: ['c'], name: '/m/Abs' },
          { op: 'Add', inputs: ['c', 'a'], outputs: ['d'], name: '/m/Add' },
          { op: 'Exp', inputs: ['b'], outputs: ['unused'], name: '/m/Exp' },
          { op: 'Mul', inputs: ['d', 'd'], outputs: ['y'], name: '/Mul' },
        ],
      }),
    );
    expect(paths(model)).to.deep.equal({ m: 'd' });
  });

  it('stay the same in what differentiate and partition make', () => {
    for (const file of ['residual.torchscript.onnx', 'residual.dynamo.onnx']) {
      const model = net(file);
      const joined = differentiate(model, { of: 'logits', wrt: ['features.2', 'input'] });
      expect(paths(joined)).to.deep.equal(paths(model));
      expect(paths(parseModel(writeModel(joined)))).to.deep.equal(paths(model));
      const gradients = joined.graph.outputs.map(({ name }) => name).filter((name) => name.startsWith('gradient/'));
      expect(paths(partition(joined, gradients).forward)).to.deep.equal(paths(model));
    }
  });

  const pairs = readdirSync(nets)
    .filter((file) => file.endsWith('.dynamo.onnx'))
    .map((file) => file.replace('.dynamo.onnx', ''));
  for (const name of pairs)
    it(`mean the same tensors in both exports: ${name}`, async () => {
      const draw = normal(4);
      const input = { data: Array.from({ length: 3 * 32 * 32 }, draw), shape: [1, 3, 32, 32] };
      const results = await Promise.all(
        ['torchscript', 'dynamo'].map(async (exporter) => {
          const model = net(`${name}.${exporter}.onnx`);
          const known = modules(model);
          const values = await run(extract(model, { inputs: ['input'], outputs: [...new Set(known.values())] }), {
            input,
          });
          return new Map([...known].map(([path, tensor]) => [path, values[tensor]!]));
        }),
      );
      const [script, dynamo] = results as [Map<string, never>, Map<string, { data: number[]; shape: number[] }>];
      const common = [...dynamo.keys()].filter((path) => script.has(path));
      expect(common.length).to.be.above(5);
      for (const path of common) {
        const [a, b] = [script.get(path) as unknown as { data: number[] }, dynamo.get(path)!];
        expect(relativeError(a.data, b.data), path).to.be.below(1e-4);
      }
    });
});

describe('looking up a tensor', () => {
  const model = chain([
    { name: '/features/features.0/conv/Relu' },
    { name: '/features/features.0/act/Relu' },
    { name: '/features/features.1/conv/Relu' },
    { name: '/features/features.1/norm/Relu' },
    { name: '/head/Relu' },
  ]);

  it('takes a tensor’s name first, then a module’s path, then a unique end of one', () => {
    for (const [text, tensor] of [
      ['t2', 't2'],
      ['input', 'input'],
      ['features.0.act', 't1'],
      ['features.1', 't3'],
      ['features', 't3'],
      ['1.conv', 't2'],
      ['norm', 't3'],
    ])
      expect(resolveTensor(model, text!), text).to.equal(tensor);
  });

  it('names what an ambiguous end may mean', () => {
    const { message } = throwsCode(() => resolveTensor(model, 'conv'), 'ambiguous-tensor');
    expect(message).to.include('features.0.conv, features.1.conv');
  });

  it('suggests what is near', () => {
    const near = (text: string) => throwsCode(() => resolveTensor(model, text), 'unknown-tensor').message;
    expect(near('feature.0')).to.include('Did you mean "features.0"');
    expect(near('Head')).to.include('Did you mean "head"');
    expect(near('features.1.nrom')).to.include('"features.1.norm"');
    expect(near('inputs')).to.include('"input"');
    expect(near('something else entirely')).to.not.include('Did you mean');
  });

  it('does not take the end of a word for the end of a path', () => {
    throwsCode(() => resolveTensor(model, 'ead'), 'unknown-tensor');
    throwsCode(() => resolveTensor(model, ''), 'unknown-tensor');
  });
});
