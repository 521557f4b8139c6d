import { parseModel } from '@saywhy/autodiff';
import { inspectModel, type ModelInfo, type ScoreKind, type Source } from '@saywhy/core';
import { loadModel } from '../models/load.js';
import { onnxruntimeNode } from '../runtime/index.js';
import { columns, type Terminal } from './terminal.js';

interface InspectOptions {
  readonly scores?: string;
  readonly scoreKind?: ScoreKind;
  readonly json?: boolean;
}

/** `saywhy inspect` */
export async function inspectCommand(
  source: string,
  { scores, scoreKind, json }: InspectOptions,
  terminal: Terminal,
): Promise<void> {
  const { model, name, options, path } = await loadModel(source, { onProgress: terminal.progress(source) });
  const info = inspectModel(parseModel(model), {
    name,
    ...options,
    ...(scores !== undefined && { scores }),
    ...(scoreKind !== undefined && { scoreKind }),
  });
  const devices = await onnxruntimeNode.devices();
  if (json) terminal.print(JSON.stringify({ ...info, path, devices }));
  else describe(info, path, devices, terminal);
}

const origins: Readonly<Record<Source, string>> = {
  option: 'as told',
  metadata: "from the file's metadata",
  graph: 'from the graph',
  guess: 'a guess',
};

function describe(info: ModelInfo, path: string | undefined, devices: readonly string[], terminal: Terminal): void {
  const { scores, labels, preprocess } = info;
  terminal.print(`${terminal.bold(info.name)}${path === undefined ? '' : terminal.dim(`  ${path}`)}`);
  const facts: string[][] = [
    ...info.inputs.map(({ name, type, shape }) => [
      'input',
      `${name}: ${type} [${shape.join(', ')}]${name === info.picture ? '' : ' (not the picture)'}`,
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
    `[${shape.join(', ')}]`,
    layout,
    name === tensor ? '' : terminal.dim(tensor),
  ]);
  for (const line of columns(layers)) terminal.print(line.trimEnd());
  terminal.print(terminal.dim(info.layer ? '* is what --layer auto takes' : 'none can be taken by itself'));
  for (const { message } of info.warnings) terminal.warn(message);
}
