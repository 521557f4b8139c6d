// Small convolutional classifiers, built in code, with seeded random weights.
import { buildModel, floats, type ModelSpec, type NodeSpec } from './model.js';
import { normal } from './random.js';

export interface NetOptions {
  readonly channels?: number;
  readonly classes?: number;
  /** Operators after the scores, such as Softmax. */
  readonly end?: readonly string[];
  /** Between the last feature map and the scores: pooling and a linear layer, or a linear layer over every place. */
  readonly head?: 'pool' | 'flatten';
  readonly batch?: number | string;
  readonly size?: number;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly seed?: number;
}

/** input [n, 3, 12, 12] -> conv, relu `hidden`, conv (stride 2), relu `features` [n, channels, 6, 6] -> head `logits` [n, classes]. */
export function smallNet(options: NetOptions = {}): Uint8Array {
  return buildModel(smallNetSpec(options));
}

export function smallNetSpec(options: NetOptions = {}): ModelSpec {
  const {
    channels = 8,
    classes = 5,
    end = [],
    head = 'pool',
    batch = 'n',
    size = 12,
    metadata = {},
    seed = 1,
  } = options;
  const next = normal(seed);
  const weight = (name: string, shape: readonly number[], scale: number, bias = 0) =>
    floats(
      name,
      shape,
      Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => scale * next() + bias),
    );
  const half = Math.ceil(size / 2);
  const features = head === 'pool' ? channels : channels * half * half;
  const pooled: NodeSpec[] =
    head === 'pool'
      ? [
          { op: 'GlobalAveragePool', inputs: ['features'], outputs: ['pooled'] },
          { op: 'Flatten', inputs: ['pooled'], outputs: ['vector'] },
        ]
      : [{ op: 'Flatten', inputs: ['features'], outputs: ['vector'] }];
  const ends = end.map(
    (op, i): NodeSpec => ({ op, inputs: [i === 0 ? 'logits' : `end${i - 1}`], outputs: [`end${i}`] }),
  );
  return {
    opset: 17,
    metadata,
    inputs: [{ name: 'input', shape: [batch, 3, size, size] }],
    outputs: [{ name: ends.at(-1)?.outputs[0] ?? 'logits', shape: [batch, classes] }],
    initializers: [
      weight('conv1.weight', [6, 3, 3, 3], 0.3),
      weight('conv1.bias', [6], 0.1, 0.1),
      weight('conv2.weight', [channels, 6, 3, 3], 0.3),
      weight('conv2.bias', [channels], 0.1, 0.2),
      weight('fc.weight', [classes, features], 0.4),
      weight('fc.bias', [classes], 0.1),
    ],
    nodes: [
      {
        op: 'Conv',
        inputs: ['input', 'conv1.weight', 'conv1.bias'],
        outputs: ['a'],
        attributes: { pads: [1, 1, 1, 1] },
      },
      { op: 'Relu', inputs: ['a'], outputs: ['hidden'] },
      {
        op: 'Conv',
        inputs: ['hidden', 'conv2.weight', 'conv2.bias'],
        outputs: ['b'],
        attributes: { pads: [1, 1, 1, 1], strides: [2, 2] },
      },
      { op: 'Relu', inputs: ['b'], outputs: ['features'] },
      ...pooled,
      { op: 'Gemm', inputs: ['vector', 'fc.weight', 'fc.bias'], outputs: ['logits'], attributes: { transB: 1 } },
      ...ends,
    ],
  };
}

/** A seeded tensor for a net's input. */
export function randomInput(shape: readonly number[] = [1, 3, 12, 12], seed = 7) {
  const next = normal(seed);
  return { data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, next), shape };
}
