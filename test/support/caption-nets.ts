// One tiny captioner in three shapes: reading all words at each step, with a key-value cache, and with scores of the next word only; and the same in plain
// JavaScript. image [1, 3, 4, 4] -> 1 x 1 conv, relu `features` -> mean; the state after a token is tanh(sum of the embeddings so far + mean).
import type { Picture, WordTokenizer } from '@saywhy/core';
import { buildModel, floats, integers, type ModelSpec, type NodeSpec, type ValueSpec } from './model.js';
import { normal } from './random.js';

const WIDTH = 4;
export const WORDS = ['<pad>', '<begin>', '<end>', 'red', 'blue', 'dot'] as const;
const [PAD, BEGIN, END] = [0, 1, 2];

export const tokenizer: WordTokenizer = {
  vocabulary: Object.fromEntries(WORDS.map((word, id) => [word, id])),
  pad: PAD,
  begin: BEGIN,
  end: END,
};

interface Weights {
  readonly conv: number[];
  readonly embedding: number[];
  readonly out: number[];
}

function weightsOf(seed: number): Weights {
  const next = normal(seed);
  const draw = (count: number, scale: number) => Array.from({ length: count }, () => scale * next());
  const embedding = draw(WORDS.length * WIDTH, 1.2);
  // So that filling up a text with it changes nothing.
  embedding.fill(0, 0, WIDTH);
  return { conv: draw(WIDTH * 3, 1), embedding, out: draw(WIDTH * WORDS.length, 1.5) };
}

export type Shape = 'whole' | 'cached' | 'next';

export function captionNet(shape: Shape, seed = 1): Uint8Array {
  const { conv, embedding, out } = weightsOf(seed);
  const picture: NodeSpec[] = [
    { op: 'Conv', inputs: ['image', 'conv'], outputs: ['c'] },
    { op: 'Relu', inputs: ['c'], outputs: ['features'] },
    { op: 'GlobalAveragePool', inputs: ['features'], outputs: ['p'] },
    { op: 'Reshape', inputs: ['p', 'row'], outputs: ['mean'] },
    { op: 'Gather', inputs: ['embedding', 'tokens'], outputs: ['e'] },
  ];
  const end: NodeSpec[] = [
    { op: 'Add', inputs: ['sum', 'mean'], outputs: ['s'] },
    { op: 'Tanh', inputs: ['s'], outputs: ['state'] },
    { op: 'MatMul', inputs: ['state', 'out'], outputs: ['logits'] },
  ];
  const labels = JSON.stringify(WORDS);
  const base = {
    opset: 17,
    initializers: [
      floats('conv', [WIDTH, 3, 1, 1], conv),
      floats('embedding', [WORDS.length, WIDTH], embedding),
      floats('out', [WIDTH, WORDS.length], out),
      integers('row', [3], [1, 1, WIDTH]),
      integers('flat', [2], [1, WIDTH]),
      integers('axis1', [1], [1]),
      integers('axis2', [1], [2]),
      integers('one', [], [1]),
      integers('last', [1], [-1]),
      integers('far', [1], [1_000_000]),
    ],
  };
  const image: ValueSpec = { name: 'image', shape: [1, 3, 4, 4] };
  const metadata = (spec: WordTokenizer, kind: string) => ({
    'saywhy.tokenizer': JSON.stringify(spec),
    'saywhy.labels': labels,
    'saywhy.inputs': JSON.stringify({ tokens: { kind } }),
  });
  const specs: Readonly<Record<Shape, ModelSpec>> = {
    whole: {
      ...base,
      metadata: { 'saywhy.tokenizer': JSON.stringify({ ...tokenizer, input: 'tokens' }), 'saywhy.labels': labels },
      inputs: [image, { name: 'tokens', shape: [1, 'length'], type: 'int64' }],
      outputs: [{ name: 'logits', shape: [1, 'length', WORDS.length] }],
      nodes: [...picture, { op: 'CumSum', inputs: ['e', 'one'], outputs: ['sum'] }, ...end],
    },
    cached: {
      ...base,
      metadata: metadata(tokenizer, 'caption'),
      inputs: [
        image,
        { name: 'tokens', shape: [1, 'length'], type: 'int64' },
        { name: 'attention_mask', shape: [1, 'all'], type: 'int64' },
        { name: 'past_key_values.0.key', shape: [1, 'past', WIDTH] },
      ],
      outputs: [
        { name: 'logits', shape: [1, 'length', WORDS.length] },
        { name: 'present.0.key', shape: [1, 'all', WIDTH] },
      ],
      nodes: [
        ...picture,
        { op: 'Concat', inputs: ['past_key_values.0.key', 'e'], outputs: ['present.0.key'], attributes: { axis: 1 } },
        { op: 'Cast', inputs: ['attention_mask'], outputs: ['m'], attributes: { to: 1 } },
        { op: 'Unsqueeze', inputs: ['m', 'axis2'], outputs: ['mask'] },
        { op: 'Mul', inputs: ['present.0.key', 'mask'], outputs: ['seen'] },
        { op: 'CumSum', inputs: ['seen', 'one'], outputs: ['sums'] },
        { op: 'Shape', inputs: ['tokens'], outputs: ['size'] },
        { op: 'Slice', inputs: ['size', 'axis1', 'far'], outputs: ['length'] },
        { op: 'Neg', inputs: ['length'], outputs: ['from'] },
        { op: 'Slice', inputs: ['sums', 'from', 'far', 'axis1'], outputs: ['sum'] },
        ...end,
      ],
    },
    next: {
      ...base,
      metadata: metadata({ ...tokenizer, length: 6, padding: 'left' }, 'caption'),
      inputs: [image, { name: 'tokens', shape: [1, 6], type: 'int64' }],
      outputs: [{ name: 'next', shape: [1, WORDS.length] }],
      nodes: [
        ...picture,
        { op: 'ReduceSum', inputs: ['e', 'axis1'], outputs: ['sum'] },
        ...end,
        { op: 'Squeeze', inputs: ['logits', 'axis1'], outputs: ['next'] },
      ],
    },
  };
  return buildModel(specs[shape]);
}

/** Preprocessing that leaves pixels as they are, from 0 to 1. */
export const preprocess = {
  channels: 'RGB',
  layout: 'NCHW',
  steps: [{ resize: { size: [4, 4], filter: 'bilinear' } }, { rescale: 1 / 255 }],
} as const;

export function smallPicture(seed = 5): Picture {
  const next = normal(seed);
  const data = Uint8ClampedArray.from({ length: 4 * 4 * 4 }, (_, i) => (i % 4 === 3 ? 255 : 128 + 60 * next()));
  return { data, width: 4, height: 4 };
}

/** The logits of the next word, in double precision. `ids` begin with the mark. */
export function logitsOf(picture: Picture, ids: readonly number[], seed = 1): number[] {
  const { conv, embedding, out } = weightsOf(seed);
  const at = (pixel: number, channel: number) => picture.data[4 * pixel + channel]! / 255;
  const state = Array.from({ length: WIDTH }, (_, c) => {
    let mean = 0;
    for (let pixel = 0; pixel < 16; pixel++)
      mean +=
        Math.max(
          0,
          [0, 1, 2].reduce((sum, k) => sum + conv[3 * c + k]! * at(pixel, k), 0),
        ) / 16;
    return Math.tanh(ids.reduce((sum, id) => sum + embedding[WIDTH * id + c]!, mean));
  });
  return WORDS.map((_, word) => state.reduce((sum, x, c) => sum + x * out[WORDS.length * c + word]!, 0));
}

export const logProbabilities = (logits: readonly number[]): number[] => {
  const total = Math.log(logits.reduce((sum, x) => sum + Math.exp(x), 0));
  return logits.map((x) => x - total);
};
