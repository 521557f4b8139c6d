// What the user said about a model stays with it, in this browser: its preprocessing, labels and device.
import { parsePreprocess } from '@saywhy/core';
import type { ModelOptions } from './models.js';

/** Labels of more classes than this are read from their file again. */
const MOST_LABELS = 25_000;

const keyOf = (name: string, bytes: number): string => `saywhy:model:${name}:${bytes}`;

export function recall(name: string, bytes: number): ModelOptions {
  try {
    const { preprocess, ...others } = JSON.parse(localStorage.getItem(keyOf(name, bytes)) ?? '{}') as ModelOptions;
    return { ...others, ...(preprocess && { preprocess: parsePreprocess(preprocess) }) };
  } catch {
    // Storage may be switched off, or hold what an older version wrote.
    return {};
  }
}

export function remember(name: string, bytes: number, options: ModelOptions): void {
  const { labels, tokenizer, ...others } = options;
  const kept = {
    ...others,
    ...(labels && labels.length <= MOST_LABELS && { labels }),
    // A Hugging Face tokenizer is megabytes, and is read from its file again.
    ...(tokenizer && 'vocabulary' in tokenizer && { tokenizer }),
  };
  try {
    if (Object.keys(kept).length === 0) localStorage.removeItem(keyOf(name, bytes));
    else localStorage.setItem(keyOf(name, bytes), JSON.stringify(kept));
  } catch {
    // Without storage it is said again next time.
  }
}
