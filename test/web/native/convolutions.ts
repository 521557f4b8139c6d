// Which convolutions WebGPU computes as the CPU does: with the layout that saywhy asks for, and with onnxruntime's own. Run by webgpu.test.ts on SwiftShader.
import { parseModel } from '@saywhy/autodiff';
import * as ort from 'onnxruntime-node';
import { needsChannelsFirst } from '../../../packages/core/src/sessions/layout.js';
import { relativeError } from '../../support/golden.js';
import { buildModel, type NodeSpec, type ValueSpec } from '../../support/model.js';
import { normal } from '../../support/random.js';
import { answerWith } from '../../support/swiftshader.js';

export interface ConvolutionOnWebGpu {
  readonly name: string;
  /** Whether saywhy asks for channels first. */
  readonly first: boolean;
  /** Relative L2 distances from the CPU's result. */
  readonly asked: number;
  readonly own: number;
}

interface Case {
  readonly op: 'Conv' | 'ConvTranspose';
  readonly from: number;
  readonly to: number;
  readonly group: number;
  readonly kernel: number;
  readonly stride: number;
  readonly pad: number;
}

const SIDE = 5;
const counts = [1, 2, 3, 4, 5, 6, 8, 9, 12, 15, 16, 18];
const windows = [
  { kernel: 1, stride: 1, pad: 0 },
  { kernel: 1, stride: 2, pad: 0 },
  { kernel: 3, stride: 1, pad: 1 },
  { kernel: 3, stride: 2, pad: 1 },
];
const groups = [
  { group: 1, from: counts, to: counts },
  { group: 2, from: [1, 2, 3, 4], to: [1, 2, 3, 4, 5, 6, 7, 8, 9, 12] },
  { group: 6, from: [1, 2], to: [1, 2, 4, 5, 6, 8] },
];
const cases = (['Conv', 'ConvTranspose'] as const).flatMap((op) =>
  groups.flatMap(({ group, from, to }) =>
    from.flatMap((each) =>
      to.flatMap((other) =>
        windows.map((window): Case => ({ op, from: each * group, to: other * group, group, ...window })),
      ),
    ),
  ),
);

function weightsOf({ op, from, to, group, kernel }: Case): readonly number[] {
  return op === 'Conv' ? [to, from / group, kernel, kernel] : [from, to / group, kernel, kernel];
}

function partOf(test: Case, index: number): { inputs: ValueSpec[]; node: NodeSpec } {
  const { op, from, group, kernel, stride, pad } = test;
  return {
    inputs: [
      { name: `x${index}`, shape: [1, from, SIDE, SIDE] },
      { name: `w${index}`, shape: weightsOf(test) },
    ],
    node: {
      op,
      inputs: [`x${index}`, `w${index}`],
      outputs: [`y${index}`],
      attributes: { group, kernel_shape: [kernel, kernel], strides: [stride, stride], pads: [pad, pad, pad, pad] },
    },
  };
}

/** All cases in one graph: a session takes its time. */
function modelOf(list: readonly Case[]): Uint8Array {
  const parts = list.map(partOf);
  return buildModel({
    opset: 17,
    inputs: parts.flatMap(({ inputs }) => inputs),
    outputs: list.map((_, index) => ({ name: `y${index}` })),
    nodes: parts.map(({ node }) => node),
  });
}

async function run(provider: ort.InferenceSession.ExecutionProviderConfig) {
  const next = normal(1);
  const feeds = cases
    .flatMap((test, index) => partOf(test, index).inputs)
    .map(({ name, shape }) => {
      const dims = shape as readonly number[];
      const values = Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, next);
      return [name, new ort.Tensor('float32', values, dims)] as const;
    });
  const options = { executionProviders: [provider], logSeverityLevel: 4 } as const;
  const session = await ort.InferenceSession.create(modelOf(cases), options);
  return session.run(Object.fromEntries(feeds));
}

const cpu = await run('cpu');
const own = await run('webgpu');
const channelsFirst = await run({ name: 'webgpu', preferredLayout: 'NCHW' });
const results = cases.map((test, index): ConvolutionOnWebGpu => {
  const { op, from, to, group, kernel, stride } = test;
  const first = needsChannelsFirst(parseModel(modelOf([test])));
  const error = (results: ort.InferenceSession.OnnxValueMapType) =>
    relativeError(results[`y${index}`]!.data as Float32Array, cpu[`y${index}`]!.data as Float32Array);
  return {
    name: `${op} from ${from} to ${to} in ${group} groups, ${kernel}x${kernel} by ${stride}`,
    first,
    asked: error(first ? channelsFirst : own),
    own: error(own),
  };
});
answerWith(results);
