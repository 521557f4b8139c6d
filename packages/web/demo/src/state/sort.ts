// Files that came together, each by what its content says.
import { SaywhyError } from '@saywhy/core';
import type { ModelOptions } from './models.js';
import { type Recognised, recognise, TEXT_LIMIT } from './recognise.js';

export interface Sorted {
  readonly pictures: readonly File[];
  readonly models: readonly File[];
  /** Binary files of no kind known. */
  readonly data: readonly File[];
  /** What they say about a model. */
  readonly options: ModelOptions;
  /** What could not be used, and why. */
  readonly unused: readonly string[];
}

export async function sortFiles(files: readonly File[]): Promise<Sorted> {
  const found = await Promise.all(files.map(async (file) => ({ file, what: await whatIs(file) })));
  const all = <K extends Recognised['kind']>(kind: K) =>
    found.flatMap(({ file, what }) =>
      what.kind === kind ? [{ file, what: what as Extract<Recognised, { kind: K }> }] : [],
    );
  /** What files of a kind say, those last that count most. */
  const together = (kind: 'tokenizer_config.json' | 'generation_config.json', isSurer: (json: object) => boolean) => {
    const said = all(kind).map(({ what }) => what.json as object);
    return Object.assign({}, ...said.filter((json) => !isSurer(json)), ...said.filter(isSurer));
  };
  const [labels] = all('labels');
  const [preprocess] = all('preprocess');
  const [tokenizer] = all('tokenizer');
  const [huggingFace] = all('tokenizer.json');
  return {
    pictures: all('picture').map(({ file }) => file),
    models: all('model').map(({ file }) => file),
    data: all('data').map(({ file }) => file),
    options: {
      ...(labels && { labels: labels.what.labels }),
      ...(labels?.what.scoreKind && { scoreKind: labels.what.scoreKind }),
      ...(preprocess && { preprocess: preprocess.what.preprocess }),
      ...(tokenizer && { tokenizer: tokenizer.what.tokenizer }),
      ...(huggingFace && {
        tokenizer: {
          json: huggingFace.what.json,
          // `special_tokens_map.json` says a part of the first, `config.json` of many things besides the second.
          config: together('tokenizer_config.json', (json) => 'tokenizer_class' in json),
          generation: together('generation_config.json', (json) => !('model_type' in json)),
        },
      }),
    },
    unused: [
      ...all('unknown').map(({ file, what }) => `${file.name} was not used: ${what.reason}.`),
      ...(huggingFace ? [] : [...all('vocabulary'), ...all('tokenizer_config.json')]).map(
        ({ file }) =>
          `${file.name} was not used: it is a part of a Hugging Face tokenizer. Give tokenizer.json with it.`,
      ),
    ],
  };
}

async function whatIs(file: File): Promise<Recognised> {
  const start = new Uint8Array(await file.slice(0, 4096).arrayBuffer());
  const text = async (): Promise<string> => {
    if (file.size > TEXT_LIMIT)
      throw new SaywhyError('file-too-large', `${file.name} is a text of ${file.size} bytes; labels are shorter.`);
    return file.text();
  };
  return recognise(start, text);
}
