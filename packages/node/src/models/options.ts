import { type Preprocess, parsePreprocess, SaywhyError } from '@saywhy/core';
import { fromHuggingFace } from '@saywhy/core/huggingface';
import { readBytes } from '../pictures/load.js';
import { labelsOf } from './huggingface.js';

/**
 * Labels from a file: a JSON list, a JSON object with `id2label` or of that kind (`{ "0": "cat" }`), or one label a line.
 * @throws SaywhyError `file-not-found`, `invalid-labels`
 */
export async function readLabels(path: string): Promise<readonly string[]> {
  const text = Buffer.from(await readBytes(path, 'file of labels')).toString('utf8');
  if (!/^\s*[[{]/.test(text)) {
    const lines = text.split(/\r?\n/).map((line) => line.trim());
    while (lines.at(-1) === '') lines.pop();
    if (lines.length > 0) return lines;
  } else {
    const value = parse(text, path);
    const labels = Array.isArray(value)
      ? value
      : labelsOf((value as { id2label?: Record<string, string> }).id2label ?? (value as Record<string, string>));
    if (labels?.every((label) => typeof label === 'string') && labels.length > 0) return labels;
  }
  throw new SaywhyError('invalid-labels', `${path} holds no labels: give a JSON list of strings, or one label a line.`);
}

/**
 * Preprocessing by its name (`imagenet`) or from a file: saywhy's own JSON, or a Hugging Face `preprocessor_config.json`.
 * @throws SaywhyError `file-not-found`, `invalid-preprocess`
 */
export async function readPreprocess(nameOrPath: string): Promise<'imagenet' | Preprocess> {
  if (nameOrPath === 'imagenet') return 'imagenet';
  const value = await readJson(
    nameOrPath,
    'file with preprocessing steps, nor a preset (there is one: imagenet), called',
  );
  const own = typeof value === 'object' && value !== null && 'steps' in value;
  try {
    return own ? parsePreprocess(value) : fromHuggingFace(value);
  } catch (error) {
    if (error instanceof SaywhyError)
      throw new SaywhyError(error.code, `${nameOrPath}: ${error.message}`, { cause: error });
    throw error;
  }
}

export async function readJson(path: string, what: string): Promise<unknown> {
  return parse(Buffer.from(await readBytes(path, what)).toString('utf8'), path);
}

function parse(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new SaywhyError('invalid-json', `${path} is not JSON: ${(cause as Error).message}.`, { cause });
  }
}
