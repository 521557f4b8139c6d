import { dirname, join } from 'node:path';
import type { ExplainerOptions, Tokenizer, WordTokenizer } from '@saywhy/core';
import { huggingFaceTokenizer } from '@saywhy/core/huggingface-tokenizer';
import { parseTokenizer } from '@saywhy/core/texts';
import { exists } from '../files.js';
import { readJson } from './options.js';

/**
 * A tokenizer from a file: saywhy's own JSON, or a Hugging Face `tokenizer.json`, with what lies beside it (`tokenizer_config.json`, `config.json`,
 * `generation_config.json`); or from the folder of the latter.
 * @throws SaywhyError `file-not-found`, `invalid-json`, `invalid-tokenizer`
 */
export async function readTokenizer(path: string): Promise<WordTokenizer | Tokenizer> {
  const isFolder = await exists(join(path, 'tokenizer.json'));
  const value = await readJson(isFolder ? join(path, 'tokenizer.json') : path, 'file with a tokenizer');
  if (typeof value !== 'object' || value === null || !('model' in value)) return parseTokenizer(value);
  const beside = async (name: string): Promise<object> => {
    const file = join(isFolder ? path : dirname(path), name);
    return (await exists(file)) ? ((await readJson(file, 'file')) as object) : {};
  };
  const generation = { ...(await beside('config.json')), ...(await beside('generation_config.json')) };
  return huggingFaceTokenizer(value, await beside('tokenizer_config.json'), generation);
}

/** What a Hugging Face folder says of its tokenizer. */
export async function tokenizerOf(folder: string): Promise<ExplainerOptions['tokenizer']> {
  return (await exists(join(folder, 'tokenizer.json'))) ? readTokenizer(folder) : undefined;
}
