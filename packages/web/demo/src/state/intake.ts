// Files that were dropped, pasted or chosen: each is taken for what its content says, all of one drop together.
import { batch } from '@preact/signals';
import { SaywhyError } from '@saywhy/core';
import { addModel, goTo, takePicture } from './actions.js';
import { announce } from './announce.js';
import { act } from './desk.js';
import { type ModelOptions, model, modelEntry, reopen } from './models.js';
import { type Place, report, settle } from './problem.js';
import { type Sorted, sortFiles } from './sort.js';

/** Takes what was given: a model with its labels and preprocessing, pictures, or settings for the model that is open. */
export async function take(files: readonly File[], place: Place): Promise<void> {
  if (files.length === 0) return;
  goTo('what');
  act(place);
  // What was wrong with the last files is over.
  settle('picture', 'model');
  try {
    const sorted = await sortFiles(files);
    const { pictures, models, data, labels, scoreKind, preprocess, unused } = sorted;
    const options: ModelOptions = {
      ...(labels && { labels }),
      ...(scoreKind && { scoreKind }),
      ...(preprocess && { preprocess }),
    };
    batch(() => {
      const [file = onlyModel(sorted)] = models;
      if (file)
        addModel(
          ownModel(
            file,
            [...models.slice(1), ...data].filter((other) => other !== file),
            options,
          ),
        );
      else if (Object.keys(options).length > 0) changeModel(options);
      for (const one of pictures.toReversed()) takePicture(one, one.name || 'pasted picture');
    });
    if (unused.length > 0) throw new SaywhyError('unknown-file', unused.join(' '));
  } catch (error) {
    report(place, error);
  }
}

/** A file of no kind known, alone: the model's reader says what it is, if it is none. */
function onlyModel({ data, pictures, labels, preprocess }: Sorted): File | undefined {
  return pictures.length === 0 && !labels && !preprocess ? data.toSorted((a, b) => rank(a) - rank(b))[0] : undefined;
}

const rank = ({ name }: File): number => (/\.onnx$/i.test(name) ? 0 : 1);

function ownModel(file: File, others: readonly File[], options: ModelOptions) {
  const external = Object.fromEntries(others.map((other) => [other.name, other]));
  return modelEntry({
    name: file.name.replace(/\.onnx$/i, '') || 'model',
    title: file.name.replace(/\.onnx$/i, '') || 'model',
    bundled: false,
    bytes: [file, ...others].reduce((sum, { size }) => sum + size, 0),
    source: others.length > 0 ? { model: file, external } : file,
    options,
  });
}

function changeModel(options: ModelOptions): void {
  const entry = model.peek();
  if (!entry) return;
  announce(`${Object.keys(options).join(' and ')} taken for ${entry.title}.`);
  reopen(entry, { ...entry.options.peek(), ...options });
}
