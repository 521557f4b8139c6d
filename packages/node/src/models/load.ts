import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { externalLocations, type ModelBytes, nearest, parseModel } from '@saywhy/autodiff';
import { type ExplainerOptions, type Progress, SaywhyError } from '@saywhy/core';
import { joinEncoderDecoder } from '@saywhy/core/encoder-decoder';
import { refuseOtherFiles } from '@saywhy/core/other-files';
import { readBytes } from '../pictures/load.js';
import { bundledModels, bundledPath } from './bundled.js';
import { download } from './download.js';
import { readFolder } from './huggingface.js';

/**
 * What can be explained: the path of an ONNX file; a Hugging Face folder; the name of a bundled model; a URL; the bytes of
 * a file, with those of its external data where it has any. Of a model that was exported in two files, both.
 */
export type ModelSource = FileSource | { readonly encoder: FileSource; readonly decoder: FileSource };
type FileSource = string | URL | Uint8Array | ArrayBuffer | ModelBytes;

export interface LoadedModel {
  readonly model: ModelBytes;
  readonly name: string;
  /** Where it was read, if it was a file. */
  readonly path?: string;
  /** What the model's folder says of it and the file itself does not. */
  readonly options: Pick<ExplainerOptions, 'labels' | 'preprocess' | 'scoreKind' | 'tokenizer'>;
}

/**
 * @throws SaywhyError `unknown-model`, `no-model`, `not-a-model`, `invalid-model`, `file-not-found` (external data),
 *   `external-data-outside`, `fetch-failed`, `not-a-pair`
 */
export async function loadModel(
  source: ModelSource,
  options: {
    readonly onProgress?: ((progress: Progress) => void) | undefined;
    readonly signal?: AbortSignal | undefined;
  } = {},
): Promise<LoadedModel> {
  if (typeof source === 'object' && 'encoder' in source) {
    const encoder = await loadModel(source.encoder, options);
    const decoder = await loadModel(source.decoder, options);
    return { ...encoder, model: joinEncoderDecoder(encoder.model, decoder.model) };
  }
  if (source instanceof ArrayBuffer) return loadModel(new Uint8Array(source));
  if (source instanceof Uint8Array) return { model: await complete(source, 'The model'), name: 'model', options: {} };
  if (typeof source !== 'string' && !(source instanceof URL)) return { model: source, name: 'model', options: {} };
  const address = String(source);
  if (/^https?:/i.test(address)) {
    const name = nameOf(new URL(address).pathname);
    return { model: await complete(await download(address, name, options), address), name, options: {} };
  }
  return fromPath(/^file:/i.test(address) ? fileURLToPath(address) : address);
}

async function fromPath(path: string): Promise<LoadedModel> {
  const found = await stat(path).catch(() => undefined);
  if (!found) return fromBundle(path);
  if (!found.isDirectory()) return fromFile(path, nameOf(path), {});
  const { path: file, decoder, options } = await readFolder(path);
  return fromFile(file, basename(path) === '.' ? nameOf(file) : basename(path), options, decoder);
}

async function fromBundle(name: string): Promise<LoadedModel> {
  const models = await bundledModels();
  const bundled = models.find((model) => model.name === name);
  if (bundled) return fromFile(bundledPath(bundled), bundled.name, {});
  const names = models.map((model) => model.name);
  const [near] = nearest(name, names);
  const hint = near ? `Did you mean ${near}? ` : '';
  throw new SaywhyError(
    'unknown-model',
    `There is no model "${name}": it is neither a file, nor a folder, nor a bundled model. ${hint}Bundled are: ${names.join(', ')}.`,
  );
}

async function fromFile(
  path: string,
  name: string,
  folder: LoadedModel['options'],
  decoder?: string,
): Promise<LoadedModel> {
  const read = async (file: string) => complete(await readBytes(file, 'model'), file);
  const model = decoder ? joinEncoderDecoder(await read(path), await read(decoder)) : await read(path);
  const { metadata } = parseModel(model);
  const { labels, preprocess, tokenizer, ...others } = folder;
  return {
    model,
    name,
    path,
    // What was written into the file was meant for this very file.
    options: {
      ...others,
      ...(labels && !metadata.has('saywhy.labels') && { labels }),
      ...(preprocess && !metadata.has('saywhy.preprocess') && { preprocess }),
      ...(tokenizer && !metadata.has('saywhy.tokenizer') && { tokenizer }),
    },
  };
}

/** Reads the external data that the model names, from its own folder. */
async function complete(bytes: Uint8Array, path: string): Promise<ModelBytes> {
  refuseOtherFiles(bytes, path);
  let locations: readonly string[];
  try {
    locations = externalLocations(parseModel(bytes));
  } catch (error) {
    if (error instanceof SaywhyError) throw new SaywhyError(error.code, `${path}: ${error.message}`, { cause: error });
    throw error;
  }
  if (locations.length === 0) return { bytes };
  const files = await Promise.all(
    locations.map(async (location) => {
      const file = await readBytes(join(dirname(path), location), `file with weights that ${path} refers to:`);
      return [location, file] as const;
    }),
  );
  return { bytes, external: Object.fromEntries(files) };
}

const nameOf = (path: string): string => basename(path).replace(/\.onnx$/i, '');
