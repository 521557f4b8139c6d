// Files that were dropped, pasted or chosen: each is taken for what its content says, all of one drop together.
import { batch } from '@preact/signals';
import { SaywhyError } from '@saywhy/core';
import { goTo, takePicture } from './actions.js';
import { announce } from './announce.js';
import { arrival, arrive } from './arrival.js';
import { act, task } from './desk.js';
import { type ModelOptions, modelEntry, reopen, shelves } from './models.js';
import { type Place, report, settle } from './problem.js';
import { type Sorted, sortFiles } from './sort.js';

/** Takes what was given where one is: pictures, a model with its labels and preprocessing, or settings for the model that is open. */
export async function take(files: readonly File[], place: Place): Promise<void> {
  if (files.length === 0) return;
  const at = task.peek();
  goTo(at);
  act(place);
  // What was wrong with the last files is over.
  settle('picture', 'model');
  try {
    const sorted = await sortFiles(files);
    const { pictures, models, data, options, unused } = sorted;
    batch(() => {
      const taken = pictures.toReversed().map((one) => takePicture(one, one.name || 'pasted picture'));
      const pair = encoderAndDecoder(models);
      const [file = onlyModel(sorted)] = models;
      if (pair) arrive({ entry: ownPair(pair, data, options), at, picture: taken.at(-1) });
      else if (file) {
        const others = [...models.slice(1), ...data].filter((other) => other !== file);
        arrive({ entry: ownModel(file, others, options), at, picture: taken.at(-1) });
      } else if (Object.keys(options).length > 0) changeModel(options);
    });
    if (unused.length > 0) throw new SaywhyError('unknown-file', unused.join(' '));
  } catch (error) {
    report(place, error);
  }
}

/** A file of no kind known, alone: the model's reader says what it is, if it is none. */
function onlyModel({ data, pictures, options }: Sorted): File | undefined {
  return pictures.length === 0 && Object.keys(options).length === 0
    ? data.toSorted((a, b) => rank(a) - rank(b))[0]
    : undefined;
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

interface Pair {
  readonly encoder: File;
  readonly decoder: File;
}

/** A model in two files, as Hugging Face's optimum names them: the plain ones, whose names are the shortest. */
function encoderAndDecoder(files: readonly File[]): Pair | undefined {
  const shortest = (wanted: (name: string) => boolean) =>
    files.filter(({ name }) => wanted(name)).toSorted((a, b) => a.name.length - b.name.length)[0];
  const encoder = shortest((name) => /encoder/i.test(name) && !/decoder/i.test(name));
  const decoder = shortest((name) => /decoder/i.test(name) && !/with_past/i.test(name));
  return encoder && decoder && { encoder, decoder };
}

function ownPair({ encoder, decoder }: Pair, data: readonly File[], options: ModelOptions) {
  const external = Object.fromEntries(data.map((file) => [file.name, file]));
  const part = (model: File) => (data.length > 0 ? { model, external } : model);
  const name = [encoder, decoder].map((file) => file.name.replace(/\.onnx$/i, '')).join(' + ');
  return modelEntry({
    name,
    title: name,
    bundled: false,
    bytes: [encoder, decoder, ...data].reduce((sum, { size }) => sum + size, 0),
    source: { encoder: part(encoder), decoder: part(decoder) },
    options,
  });
}

/** Settings are for the model that waits for them, else for the one that is used. */
function changeModel(options: ModelOptions): void {
  const at = task.peek();
  const waiting = arrival.peek()?.at === at ? arrival.peek()?.entry : undefined;
  const entry = waiting ?? shelves[at].model.peek();
  if (!entry) return;
  announce(`${Object.keys(options).join(' and ')} taken for ${entry.title}.`);
  reopen(entry, { ...entry.options.peek(), ...options });
}
