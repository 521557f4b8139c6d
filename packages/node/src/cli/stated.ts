// What commands are told of a model and of pictures in the same way.
import { type Detection, type ExplainerOptions, SaywhyError, type ScoreKind } from '@saywhy/core';
import { exists } from '../files.js';
import { readLabels, readPreprocess } from '../models/options.js';
import { readTokenizer } from '../models/tokenizer.js';

/** As the command line has it: names of files. */
export interface StatedOptions {
  readonly preprocess?: string;
  readonly tokenizer?: string;
  readonly labels?: string;
  readonly scores?: string;
  readonly scoreKind?: ScoreKind;
  readonly detection?: Partial<Detection>;
}

/**
 * The same as an explainer has it: what the files hold.
 * @throws SaywhyError what reading them throws
 */
export async function statedOptions({ scores, scoreKind, detection, labels, preprocess, tokenizer }: StatedOptions) {
  return {
    ...(scores !== undefined && { scores }),
    ...(scoreKind !== undefined && { scoreKind }),
    ...(detection !== undefined && { detection }),
    ...(labels !== undefined && { labels: await readLabels(labels) }),
    ...(preprocess !== undefined && { preprocess: await readPreprocess(preprocess) }),
    ...(tokenizer !== undefined && { tokenizer: await readTokenizer(tokenizer) }),
  } satisfies ExplainerOptions;
}

/** @throws SaywhyError `file-not-found` */
export async function checkPictures(images: Iterable<string>): Promise<void> {
  for (const image of images)
    if (!/^(https?|data|file):/i.test(image) && !(await exists(image)))
      throw new SaywhyError('file-not-found', `There is no picture ${image}.`);
}
