// The words that a model knows, offered while a question is typed.
import type { WordTokenizer } from '@saywhy/core';
import { wordTokenizer } from '@saywhy/core/texts';

/** Words that can be gone on with: those that the last one begins, unless it is whole. */
export function completions(text: string, words: readonly string[], most = 6): string[] {
  const [begun = ''] = /[\p{L}\p{N}]+$/u.exec(text.toLowerCase()) ?? [];
  if (begun === '' || words.includes(begun)) return [];
  return words.filter((word) => word.startsWith(begun)).slice(0, most);
}

/** The text with its last word, where that was only begun, replaced; else with the word after it. */
export function goOnWith(text: string, word: string): string {
  const [begun = ''] = /[\p{L}\p{N}]+$/u.exec(text) ?? [];
  const isBegun = begun !== '' && word.startsWith(begun.toLowerCase()) && word !== begun.toLowerCase();
  const before = isBegun
    ? text.slice(0, text.length - begun.length)
    : text.replace(/\s*\??\s*$/, text.trim() ? ' ' : '');
  return `${before}${word}`;
}

/** Without marks such as `<pad>`. */
export const wordsOf = (vocabulary: Readonly<Record<string, number>> | undefined): string[] =>
  Object.keys(vocabulary ?? {}).filter((word) => /^[\p{L}\p{N}]/u.test(word));

/** Whether a model knows every word of a text. */
export function isReadable(text: string, tokenizer: WordTokenizer): boolean {
  try {
    return wordTokenizer(tokenizer).encode(text, true).length > 0;
  } catch {
    return false;
  }
}
