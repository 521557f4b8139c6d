// What a model is for, by what it takes: that is the mode in which it can be used.
import { type InputInfo, type ModelInfo, SaywhyError } from '@saywhy/core';
import type { Mode } from './link.js';
import type { ModelOptions } from './models.js';

/** The modes that have models and pictures of one's own. */
export type Task = Exclude<Mode, 'judge'>;

/** The input that takes a question, or the caption so far. */
export function textInput({ inputs, tokenizer }: ModelInfo): InputInfo | undefined {
  return (
    inputs.find(({ kind }) => kind === 'caption') ??
    inputs.find(({ kind, name }) => kind === 'text' || name === tokenizer?.input)
  );
}

export function taskOf(info: ModelInfo): Task {
  const text = textInput(info);
  if (!text) return 'what';
  return text.kind === 'caption' ? 'caption' : 'ask';
}

/**
 * A model whose words nobody knows cannot be asked anything in words.
 * @throws SaywhyError `no-tokenizer`
 */
export function checkTokenizer(info: ModelInfo, { tokenizer }: Pick<ModelOptions, 'tokenizer'>): void {
  const text = textInput(info);
  if (!text || info.tokenizer || tokenizer) return;
  const deed = text.kind === 'caption' ? 'writes captions' : 'reads a question';
  throw new SaywhyError(
    'no-tokenizer',
    `${info.name} ${deed} (its input "${text.name}"), and its file does not say how words become numbers. ` +
      'Give the tokenizer.json of its Hugging Face folder, with the other .json files beside it, or its words: {"vocabulary": {"what": 1, "is": 2}}.',
  );
}
