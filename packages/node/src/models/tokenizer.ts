import { join } from 'node:path';
import { type ExplainerOptions, SaywhyError, type Tokenizer, type WordTokenizer } from '@saywhy/core';
import { parseTokenizer } from '@saywhy/core/texts';
import { exists } from '../files.js';
import { readJson } from './options.js';

/**
 * A tokenizer from a file: saywhy's own JSON, or a Hugging Face `tokenizer.json`, with the `tokenizer_config.json` beside it; or from the folder of the latter.
 * @throws SaywhyError `file-not-found`, `invalid-json`, `invalid-tokenizer`
 */
export async function readTokenizer(path: string): Promise<WordTokenizer | Tokenizer> {
  const folder = await exists(join(path, 'tokenizer.json'));
  const value = await readJson(folder ? join(path, 'tokenizer.json') : path, 'file with a tokenizer');
  if (typeof value !== 'object' || value === null || !('model' in value)) return parseTokenizer(value);
  const config = join(folder ? path : join(path, '..'), 'tokenizer_config.json');
  return huggingFaceTokenizer(value, (await exists(config)) ? await readJson(config, 'file') : {});
}

/** What a Hugging Face folder says of its tokenizer. */
export async function tokenizerOf(folder: string): Promise<ExplainerOptions['tokenizer']> {
  return (await exists(join(folder, 'tokenizer.json'))) ? readTokenizer(folder) : undefined;
}

/**
 * What Hugging Face's tokenizers do, by their own JavaScript library, which is loaded when it is first needed.
 * @param json `tokenizer.json`
 * @param config `tokenizer_config.json`
 * @throws SaywhyError `invalid-tokenizer`
 */
export async function huggingFaceTokenizer(json: unknown, config: unknown = {}): Promise<Tokenizer> {
  const { Tokenizer: HuggingFace } = await import('@huggingface/tokenizers');
  const marks = config as Readonly<Record<string, unknown>>;
  const made = attempt(() => new HuggingFace(json as object, config as object));
  const idOf = (...names: readonly string[]): number | undefined =>
    names.map((name) => made.token_to_id(contentOf(marks[name]))).find((id) => id !== undefined);
  const [begin, end, pad] = [idOf('bos_token', 'cls_token'), idOf('eos_token', 'sep_token'), idOf('pad_token')];
  const { padding_side: side } = marks;
  return {
    ...(begin !== undefined && { begin }),
    ...(end !== undefined && { end }),
    ...(pad !== undefined && { pad }),
    padding: side === 'left' ? 'left' : 'right',
    encode: (text, whole) => made.encode(text, { add_special_tokens: whole }).ids,
    decode: (ids) => made.decode([...ids], { skip_special_tokens: true }).trim(),
  };
}

/** A mark is written as its text, or as an object with it. */
function contentOf(mark: unknown): string {
  const content = typeof mark === 'object' && mark !== null && 'content' in mark ? mark.content : mark;
  return typeof content === 'string' ? content : '';
}

function attempt<T>(make: () => T): T {
  try {
    return make();
  } catch (cause) {
    throw new SaywhyError('invalid-tokenizer', `The tokenizer cannot be read: ${(cause as Error).message}.`, { cause });
  }
}
