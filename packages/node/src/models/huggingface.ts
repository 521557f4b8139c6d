import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type ExplainerOptions, SaywhyError } from '@saywhy/core';
import { fromHuggingFace } from '@saywhy/core/huggingface';
import { exists } from '../files.js';
import { readJson } from './options.js';
import { tokenizerOf } from './tokenizer.js';

/** What a Hugging Face folder says of its model, beside the model itself. */
export interface FolderFacts {
  readonly path: string;
  /** The second file of a model that was exported in two: what reads the encoder's results. */
  readonly decoder?: string;
  readonly options: Pick<ExplainerOptions, 'labels' | 'preprocess' | 'scoreKind' | 'tokenizer'>;
}

/** Where `optimum` and transformers.js put the model that nobody quantised. */
const usual = ['onnx/model.onnx', 'model.onnx'];

/** Models in two files. The plain decoder first: the merged one is larger, and runs the same for a whole caption. */
const ENCODER = 'encoder_model.onnx';
const decoders = ['decoder_model.onnx', 'decoder_model_merged.onnx'];

const scoreKinds = {
  single_label_classification: 'softmax',
  multi_label_classification: 'multilabel',
  regression: 'regression',
} as const;

/**
 * Reads a folder as Hugging Face lays it out: the model, labels and kind of score from `config.json`, the preprocessing
 * from `preprocessor_config.json`, the tokenizer from `tokenizer.json`, with which ids captions begin and end from
 * `generation_config.json`, each where it is there.
 * @throws SaywhyError `no-model` where the folder holds none, or several and none of the usual name
 */
export async function readFolder(folder: string): Promise<FolderFacts> {
  const config = (await readIfThere(join(folder, 'config.json'))) as Config | undefined;
  const preprocessor = await readIfThere(join(folder, 'preprocessor_config.json'));
  const labels = labelsOf(config?.id2label);
  const scoreKind = scoreKinds[config?.problem_type as keyof typeof scoreKinds];
  const tokenizer = await tokenizerOf(folder);
  return {
    ...(await findModel(folder)),
    options: {
      ...(labels && { labels }),
      ...(scoreKind && { scoreKind }),
      ...(tokenizer && { tokenizer }),
      ...(preprocessor !== undefined && { preprocess: fromHuggingFace(preprocessor) }),
    },
  };
}

interface Config {
  readonly id2label?: Readonly<Record<string, string>>;
  readonly problem_type?: string;
}

const readIfThere = async (path: string): Promise<unknown> =>
  (await exists(path)) ? readJson(path, 'file') : undefined;

async function findModel(folder: string): Promise<Pick<FolderFacts, 'path' | 'decoder'>> {
  for (const name of usual) if (await exists(join(folder, name))) return { path: join(folder, name) };
  const below = await Promise.all(['onnx', '.'].map((part) => onnxFiles(join(folder, part))));
  for (const files of below) {
    const path = files.find((file) => basename(file) === ENCODER);
    const decoder = decoders.map((name) => files.find((file) => basename(file) === name)).find((file) => file);
    if (path && decoder) return { path, decoder };
  }
  const found = below.flat();
  if (found.length === 1) return { path: found[0]! };
  throw new SaywhyError(
    'no-model',
    found.length === 0
      ? `The folder ${folder} holds no ONNX model: neither ${usual.join(' nor ')}, nor another .onnx file.`
      : `The folder ${folder} holds several models: ${found.join(', ')}. Give one of them.`,
  );
}

async function onnxFiles(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => name.endsWith('.onnx')).map((name) => join(folder, name));
}

/** `{ "0": "cat", "1": "dog" }` as a list. Placeholders that nobody filled in (LABEL_0) tell nothing. */
export function labelsOf(id2label: Readonly<Record<string, string>> | undefined): string[] | undefined {
  if (!id2label) return undefined;
  const labels = Object.keys(id2label).map((_, index) => id2label[index]);
  const told = labels.some((label, index) => label !== `LABEL_${index}`);
  return told && labels.every((label) => typeof label === 'string') ? (labels as string[]) : undefined;
}
