// A tiny captioner as Hugging Face Optimum exports one with a merged decoder: the body is one If on `use_cache_branch`, whose branches are the decoder that
// reads all words and the one that goes on from keys and values of earlier words; and the same network without any of that.
import type { Picture, WordTokenizer } from '@saywhy/core';
import { buildModel, floats, integers, type NodeSpec, type ValueSpec } from './model.js';
import { normal } from './random.js';

const [WIDTH, HEADS, LAYERS, PLACES] = [4, 2, 2, 16];
/** How long a text can be. */
export const POSITIONS = 12;
const HEAD = WIDTH / HEADS;
export const WORDS = ['<pad>', '<begin>', '<end>', 'red', 'blue', 'dot'] as const;
export const [BEGIN, END] = [1, 2];

export const tokenizer: WordTokenizer = {
  vocabulary: Object.fromEntries(WORDS.map((word, id) => [word, id])),
  pad: 0,
  begin: BEGIN,
  end: END,
  maximum: 8,
};

const node = (op: string, inputs: string, output: string, attributes: NodeSpec['attributes'] = {}): NodeSpec => ({
  op,
  inputs: inputs.split(' ').filter((name) => name !== ''),
  outputs: [output],
  attributes,
});

/** pixel_values [1, 3, 4, 4] -> 1 x 1 conv, relu `features` [1, 4, 4, 4] -> encoder_hidden_states [1, 16, 4]. */
const encoder: readonly NodeSpec[] = [
  node('Conv', 'pixel_values conv', 'c'),
  node('Relu', 'c', 'features'),
  node('Reshape', 'features tokenRows', 'patches'),
  node('Transpose', 'patches', 'encoder_hidden_states', { perm: [0, 2, 1] }),
];

/** What there is of each layer: `0.key`, or `0.decoder.key` where the encoder's are kept too. */
const namesOf = (who: Who, keeps: boolean): readonly string[] =>
  Array.from({ length: LAYERS }, (_, i) => ['key', 'value'].map((what) => nameOf(i, who, what, keeps))).flat();

const nameOf = (layer: number, who: Who, what: string, keeps: boolean) =>
  keeps ? `${layer}.${who}.${what}` : `${layer}.${what}`;

type Who = 'decoder' | 'encoder';

/**
 * Blocks of attention to the words, attention to the encoder's states and a nonlinear layer.
 * @param at what the names of its tensors begin with
 * @param past whether keys and values of earlier words are fed
 * @param keeps whether those of the encoder are too, which is then not looked at
 */
function decoder(at: string, past: boolean, keeps: boolean): NodeSpec[] {
  const made: NodeSpec[] = [];
  const add = (op: string, inputs: string, name: string, attributes?: NodeSpec['attributes']) => {
    made.push(node(op, inputs, at + name, attributes));
    return at + name;
  };
  /** [1, T, width] -> [1, heads, T, head]. */
  const heads = (x: string, weight: string, name: string) => {
    const product = add('MatMul', `${x} ${weight}`, `${name}.product`);
    const apart = add('Reshape', `${product} apart`, `${name}.apart`);
    return add('Transpose', apart, name, { perm: [0, 2, 1, 3] });
  };
  const attend = (query: string, key: string, value: string, weight: string, name: string, bias?: string) => {
    const turned = add('Transpose', key, `${name}.turned`, { perm: [0, 1, 3, 2] });
    const product = add('MatMul', `${query} ${turned}`, `${name}.product`);
    const scaled = add('Mul', `${product} scale`, `${name}.scaled`);
    const biased = bias === undefined ? scaled : add('Add', `${scaled} ${bias}`, `${name}.biased`);
    const weights = add('Softmax', biased, `${name}.weights`, { axis: -1 });
    const seen = add('MatMul', `${weights} ${value}`, `${name}.seen`);
    const back = add('Transpose', seen, `${name}.back`, { perm: [0, 2, 1, 3] });
    const together = add('Reshape', `${back} together`, `${name}.together`);
    return add('MatMul', `${together} ${weight}`, name);
  };
  const sizeOf = (x: string, axis: string, name: string) => {
    const shape = add('Shape', x, `${name}.shape`);
    return add('Gather', `${shape} ${axis}`, name);
  };
  const count = sizeOf('input_ids', 'one', 'count');
  const before = past ? sizeOf(`past_key_values.${nameOf(0, 'decoder', 'key', keeps)}`, 'two', 'before') : 'zero';
  const all = add('Add', `${before} ${count}`, 'all');
  const rows = add('Range', `${before} ${all} one`, 'rows');
  const columns = add('Range', `zero ${all} one`, 'columns');
  const lower = add('Unsqueeze', `${rows} axis1`, 'lower');
  const allowed = add('LessOrEqual', `${columns} ${lower}`, 'allowed');
  const bias = add('Where', `${allowed} nothing much`, 'bias');
  const words = add('Gather', 'embedding input_ids', 'words');
  const places = add('Gather', `positions ${rows}`, 'places');
  let x = add('Add', `${words} ${places}`, 'x');
  for (let i = 0; i < LAYERS; i++) {
    const cached = (who: Who, what: string) => `past_key_values.${nameOf(i, who, what, keeps)}`;
    const own = (what: string) => {
      const fresh = heads(x, `w${i}.${what}`, `${i}.${what}`);
      const name = `present.${nameOf(i, 'decoder', what, keeps)}`;
      return past
        ? add('Concat', `${cached('decoder', what)} ${fresh}`, name, { axis: 2 })
        : add('Identity', fresh, name);
    };
    const [key, value] = [own('key'), own('value')];
    const query = heads(x, `w${i}.query`, `${i}.query`);
    const attended = attend(query, key, value, `w${i}.out`, `${i}.self`, bias);
    x = add('Add', `${x} ${attended}`, `${i}.x1`);
    const foreign = (what: string) =>
      past && keeps
        ? cached('encoder', what)
        : heads('encoder_hidden_states', `c${i}.${what}`, `present.${nameOf(i, 'encoder', what, true)}`);
    const crossed = attend(
      heads(x, `c${i}.query`, `${i}.cross.query`),
      foreign('key'),
      foreign('value'),
      `c${i}.out`,
      `${i}.cross`,
    );
    x = add('Add', `${x} ${crossed}`, `${i}.x2`);
    const inner = add('MatMul', `${x} m${i}`, `${i}.inner`);
    x = add('Add', `${x} ${add('Tanh', inner, `${i}.tanh`)}`, `${i}.x3`);
  }
  add('MatMul', `${x} head`, 'logits');
  // As Optimum does with outputs that one of the branches does not have.
  if (past && keeps) for (const name of namesOf('encoder', true)) add('Identity', 'none', `present.${name}`);
  return made;
}

function weights(seed: number) {
  const next = normal(seed);
  const draw = (name: string, shape: readonly number[], scale: number) =>
    floats(
      name,
      shape,
      Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => scale * next()),
    );
  const square = (name: string) => draw(name, [WIDTH, WIDTH], 0.8);
  return [
    draw('conv', [WIDTH, 3, 1, 1], 1),
    draw('embedding', [WORDS.length, WIDTH], 1),
    draw('positions', [POSITIONS, WIDTH], 0.7),
    draw('head', [WIDTH, WORDS.length], 0.8),
    ...Array.from({ length: LAYERS }, (_, i) => [
      ...['query', 'key', 'value', 'out'].flatMap((what) => [square(`w${i}.${what}`), square(`c${i}.${what}`)]),
      square(`m${i}`),
    ]).flat(),
    floats('scale', [], [1 / Math.sqrt(HEAD)]),
    floats('nothing', [], [0]),
    floats('much', [], [-1e9]),
    floats('none', [0, HEADS, 1, HEAD], []),
    integers('apart', [4], [0, 0, HEADS, HEAD]),
    integers('together', [3], [0, 0, WIDTH]),
    integers('tokenRows', [3], [0, WIDTH, PLACES]),
    integers('axis1', [1], [1]),
    integers('zero', [], [0]),
    integers('one', [], [1]),
    integers('two', [], [2]),
  ];
}

export interface Export {
  /** With the If, or as one would export the network without a cache. */
  readonly merged: boolean;
  /** With the encoder before the If; Optimum's own files have it in another, and take its states. */
  readonly picture: boolean;
  /** Whether the encoder's keys and values are kept, as of BART's decoder, or worked out again, as of GPT-2's. */
  readonly keeps: boolean;
}

export function captioner({ merged, picture, keeps }: Export, seed = 1): Uint8Array {
  const logits: ValueSpec = { name: 'logits', shape: ['batch_size', 'decoder_sequence_length', WORDS.length] };
  const cacheShape = (who: Who, length: string) => [
    'batch_size',
    HEADS,
    who === 'encoder' ? 'encoder_sequence_length' : length,
    HEAD,
  ];
  const inputs: ValueSpec[] = [
    { name: 'input_ids', shape: ['batch_size', 'decoder_sequence_length'], type: 'int64' },
    picture
      ? { name: 'pixel_values', shape: ['batch_size', 3, 4, 4] }
      : { name: 'encoder_hidden_states', shape: ['batch_size', 'encoder_sequence_length', WIDTH] },
  ];
  const all: readonly Who[] = keeps ? ['decoder', 'encoder'] : ['decoder'];
  const every = all.flatMap((who) => namesOf(who, keeps).map((name) => ({ who, name })));
  const presents = every.map(
    ({ who, name }): ValueSpec => ({
      name: `present.${name}`,
      shape: cacheShape(who, 'past_decoder_sequence_length + 1'),
    }),
  );
  const branch = (at: string, past: boolean) => ({
    graph: {
      inputs: [],
      outputs: [logits, ...presents].map(({ name }) => ({ name: at + name })),
      nodes: decoder(at, past, keeps),
    },
  });
  const choice = node('If', 'use_cache_branch', 'logits', {
    then_branch: branch('with_past/', true),
    else_branch: branch('no_past/', false),
  });
  const body = merged
    ? [{ ...choice, outputs: [logits, ...presents].map(({ name }) => name), name: 'optimum::if' }]
    : decoder('', false, keeps);
  return buildModel({
    opset: 17,
    inputs: [
      ...inputs,
      ...(merged
        ? [
            ...every.map(
              ({ who, name }): ValueSpec => ({
                name: `past_key_values.${name}`,
                shape: cacheShape(who, 'past_decoder_sequence_length'),
              }),
            ),
            { name: 'use_cache_branch', shape: [1], type: 'bool' as const },
          ]
        : []),
    ],
    outputs: merged ? [logits, ...presents] : [logits],
    initializers: weights(seed),
    nodes: [...(picture ? encoder : []), ...body],
  });
}

/** The encoder in a file of its own, as Optimum has it beside such a decoder. */
export function encoderFile(seed = 1): Uint8Array {
  return buildModel({
    opset: 17,
    inputs: [{ name: 'pixel_values', shape: ['batch_size', 3, 4, 4] }],
    outputs: [{ name: 'last_hidden_state', shape: ['batch_size', 'sequence_length', WIDTH] }],
    initializers: weights(seed),
    nodes: [...encoder, node('Identity', 'encoder_hidden_states', 'last_hidden_state')],
  });
}

/** What lies beside the two files. The tokenizer's own marks are not those of the captions, and nor is the one that `config.json` names. */
export const folderFiles = {
  'config.json': { model_type: 'vision-encoder-decoder', decoder_start_token_id: BEGIN, eos_token_id: 3 },
  'generation_config.json': { decoder_start_token_id: BEGIN, eos_token_id: [END, 7], max_length: tokenizer.maximum },
  'preprocessor_config.json': {
    image_processor_type: 'Any',
    do_resize: true,
    size: { height: 4, width: 4 },
    do_rescale: true,
  },
  'tokenizer.json': {
    normalizer: null,
    post_processor: null,
    decoder: null,
    added_tokens: WORDS.slice(0, 3).map((content, id) => ({ id, content, special: true })),
    pre_tokenizer: { type: 'Whitespace' },
    model: { type: 'WordLevel', vocab: Object.fromEntries(WORDS.map((word, id) => [word, id])), unk_token: '<pad>' },
  },
  'tokenizer_config.json': {
    tokenizer_class: 'PreTrainedTokenizerFast',
    bos_token: '<pad>',
    eos_token: '<pad>',
    pad_token: '<pad>',
  },
} as const;

/** Preprocessing that leaves pixels as they are, from 0 to 1. */
export const preprocess = {
  channels: 'RGB',
  layout: 'NCHW',
  steps: [{ resize: { size: [4, 4], filter: 'bilinear' } }, { rescale: 1 / 255 }],
} as const;

/** What preprocessing makes of a picture of 4 x 4 pixels. */
export const pixelsOf = ({ data }: Picture): Float32Array =>
  Float32Array.from({ length: 48 }, (_, i) => data[4 * (i % 16) + Math.floor(i / 16)]! / 255);
