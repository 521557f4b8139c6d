// Texts that models read and write: questions, captions.
import type { ExplainOptions } from './options.js';

/** How words become ids, as a file's metadata `saywhy.tokenizer` has it: words are split at spaces and punctuation. */
export interface WordTokenizer {
  /** The input that takes the ids; the only one that takes a text if left out. */
  readonly input?: string;
  /** Every word with its id. Punctuation that is no word here is left out of what is read. */
  readonly vocabulary: Readonly<Record<string, number>>;
  /** Whether texts are read in lower case: false if left out. */
  readonly lowercase?: boolean;
  /** How many ids the input takes, where that is fixed: shorter texts are filled with `pad` on the side that `padding` says (right if left out). */
  readonly length?: number;
  readonly padding?: 'left' | 'right';
  readonly pad?: number;
  /** The id of words that are not known; without one they are an error. */
  readonly unknown?: number;
  /** Ids before and after every text. A caption begins with the first and ends where the model says the last. */
  readonly begin?: number;
  readonly end?: number;
  /** How many ids a caption takes at most, with `begin`. */
  readonly maximum?: number;
}

/** Any other way from text to ids, such as a Hugging Face `tokenizer.json`. */
export interface Tokenizer
  extends Pick<WordTokenizer, 'input' | 'length' | 'padding' | 'pad' | 'begin' | 'end' | 'maximum'> {
  /**
   * The ids of a text.
   * @param whole with the marks that a text begins and ends with
   * @throws SaywhyError `unknown-word`, `empty-text`
   */
  encode(text: string, whole: boolean): readonly number[];
  /** Marks are left out. */
  decode(ids: readonly number[]): string;
}

export interface CaptionOptions extends Pick<ExplainOptions, 'onProgress' | 'signal'> {
  /** How many captions are gone on with at each step: 1, the default, takes the most probable word each time. */
  readonly beam?: number;
  /** How many words at most; what the model's file says, else 32. */
  readonly maxLength?: number;
}

/** A word of a caption: a target too. For tokenizers that split words, a part of one. */
export interface CaptionWord {
  readonly token: string;
  /** Its place in the caption, from 0. */
  readonly at: number;
  readonly id: number;
  readonly logit: number;
  readonly probability: number;
}

export interface Caption {
  readonly text: string;
  readonly words: readonly CaptionWord[];
  /** The sum of the words' log-probabilities, without that of the end. */
  readonly logProbability: number;
  /** Whether it is whole: not, where the model had more to say than it was allowed. A caption that was given is. */
  readonly ended: boolean;
}
