import { parseModel } from '@saywhy/autodiff';
import { type ExplainerOptions, type InputInfo, inspectModel, type ModelInfo, type Source } from '@saywhy/core';
import { parseTokenizer } from '@saywhy/core/texts';
import { loadModel } from '../models/load.js';
import { onnxruntimeNode } from '../runtime/index.js';
import { type StatedOptions, statedOptions } from './stated.js';
import { columns, type Terminal } from './terminal.js';

interface InspectOptions extends Omit<StatedOptions, 'tokenizer'> {
  readonly json?: boolean;
}

/** `saywhy inspect` */
export async function inspectCommand(
  source: string,
  { json, ...stated }: InspectOptions,
  terminal: Terminal,
): Promise<void> {
  const { model, name, options, path } = await loadModel(source, { onProgress: terminal.progress(source) });
  const info = inspectModel(parseModel(model), {
    name,
    ...options,
    ...(await statedOptions(stated)),
  });
  const devices = await onnxruntimeNode.devices();
  if (json) terminal.print(JSON.stringify({ ...info, path, devices }));
  else describe(info, options.tokenizer, path, devices, terminal);
}

const origins: Readonly<Record<Source, string>> = {
  option: 'as told',
  metadata: "from the file's metadata",
  graph: 'from the graph',
  guess: 'a guess',
};

function describe(
  info: ModelInfo,
  tokenizer: ExplainerOptions['tokenizer'],
  path: string | undefined,
  devices: readonly string[],
  terminal: Terminal,
): void {
  const { scores, labels, preprocess } = info;
  terminal.print(`${terminal.bold(info.name)}${path === undefined ? '' : terminal.dim(`  ${path}`)}`);
  const facts: string[][] = [
    ...info.inputs.map((input) => [
      'input',
      `${input.name}: ${input.type} [${input.shape.join(', ')}] (${wantOf(input, info, tokenizer ?? info.tokenizer)})`,
    ]),
    ...info.outputs.map(({ name, type, shape }) => ['output', `${name}: ${type} [${shape.join(', ')}]`]),
    [
      'scores',
      `${scores.tensor} (${scores.kind}, ${origins[scores.kindFrom]})${scores.through ? `, before the ${scores.through}` : ''}`,
    ],
    ...(scores.detection ? [['boxes', JSON.stringify(scores.detection)]] : []),
    [
      'labels',
      labels ? `${labels.length}: ${labels.slice(0, 4).join(', ')}${labels.length > 4 ? ', ...' : ''}` : 'none',
    ],
    [
      'preprocessing',
      preprocess ? `${JSON.stringify(preprocess)} (${origins[info.preprocessFrom ?? 'guess']})` : 'unknown',
    ],
    ['methods', info.methods.join(', ') || 'none'],
    ['devices', devices.join(', ')],
    ...info.withoutDerivative.map((operator) => ['no derivative', operator]),
  ];
  for (const line of columns(facts)) terminal.print(line);
  terminal.print();
  terminal.print(terminal.bold('Layers that can be explained, first to last'));
  const layers = info.layers.map(({ name, tensor, shape, layout }) => [
    `${tensor === info.layer?.tensor ? '*' : ' '} ${name}`,
    `[${shape.map(sizeInWords).join(', ')}]`,
    layout,
    name === tensor ? '' : terminal.dim(tensor),
  ]);
  for (const line of columns(layers)) terminal.print(line.trimEnd());
  terminal.print(terminal.dim(info.layer ? '* is what --layer auto takes' : 'none can be taken by itself'));
  for (const { message } of info.warnings) terminal.warn(message);
}

/** A size by its name in the file; one that is only known to follow from others, in a formula, tells a reader nothing. */
const sizeInWords = (size: number | string): number | string => (/^[\w.-]+$/.test(String(size)) ? size : '?');

/** What an input wants, with an example. */
function wantOf(
  { name, type, shape, kind }: InputInfo,
  { picture }: ModelInfo,
  tokenizer: ExplainerOptions['tokenizer'],
): string {
  if (name === picture) return 'the picture';
  const sizes = shape.map((size) => (typeof size === 'number' ? size : 1));
  const tensor = `a tensor, such as { data: new ${arrays[type] ?? 'Float32Array'}(${sizes.reduce((a, b) => a * b, 1)}), shape: [${sizes.join(', ')}] }`;
  switch (kind) {
    case 'text':
    case 'caption': {
      if (!tokenizer) return `ids of a text: ${tensor}`;
      const what = kind === 'text' ? 'a text' : 'the caption so far, decoded where it is not given';
      if ('encode' in tokenizer) return what;
      const { vocabulary, pad, unknown, begin, end } = parseTokenizer(tokenizer);
      const ids = [pad, unknown, begin, end];
      const words = Object.entries(vocabulary).flatMap(([word, id]) => (ids.includes(id) ? [] : [word]));
      return `${what}${kind === 'text' ? '' : ','} of ${words.length} words: ${words.slice(0, 6).join(', ')}, ...`;
    }
    case 'mask':
    case 'types':
    case 'positions':
    case 'past':
      return 'made with the text';
    default:
      return kind === 'picture' ? 'another picture' : tensor;
  }
}

const arrays: Readonly<Record<string, string>> = {
  int64: 'BigInt64Array',
  int32: 'Int32Array',
  bool: 'Uint8Array',
  uint8: 'Uint8Array',
  float64: 'Float64Array',
  float16: 'Uint16Array',
};
