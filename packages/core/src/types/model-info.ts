// What is known of a model before it runs.
import type { DataType, Dimension } from '@saywhy/autodiff';
import type { Preprocess } from '../images/preprocess-spec.js';
import type { Detection, ScoreKind } from './options.js';
import type { Warning } from './results.js';
import type { WordTokenizer } from './texts.js';

export interface LayerInfo {
  readonly name: string;
  readonly tensor: string;
  readonly module?: string;
  readonly shape: readonly Dimension[];
  /** `channels-first` [N, C, ...], `channels-last` [N, ..., C], or `tokens` [N, T, C] whose patches form a grid. */
  readonly layout: FeatureLayout;
}

export type FeatureLayout = 'channels-first' | 'channels-last' | 'tokens';

export interface InputInfo {
  readonly name: string;
  readonly type: DataType;
  readonly shape: readonly Dimension[];
  /** Of an input: what it wants. */
  readonly kind?: InputKind;
}

/**
 * What an input wants: a picture; a text, which goes through the model's tokenizer; the caption so far (`caption`), which is decoded where it is not given; a
 * tensor. What goes with a text is made of it where it is not given: which tokens count (`mask`), which text they belong to (`types`), where they stand
 * (`positions`), and keys and values of earlier tokens (`past`), of which there are none.
 */
export type InputKind = 'picture' | 'text' | 'caption' | 'mask' | 'types' | 'positions' | 'past' | 'tensor';

/** Where a piece of knowledge comes from. A guess is a warning too. */
export type Source = 'option' | 'metadata' | 'graph' | 'guess';

export interface ModelInfo {
  readonly name: string;
  readonly inputs: readonly InputInfo[];
  /** The input that takes the picture. */
  readonly picture: string;
  readonly outputs: readonly InputInfo[];
  readonly scores: {
    /** The explained tensor: the logits, where the model ends in a softmax or sigmoid. */
    readonly tensor: string;
    readonly shape: readonly Dimension[];
    readonly kind: ScoreKind;
    readonly kindFrom: Source;
    readonly detection?: Detection;
    /** The operator that was looked through. */
    readonly through?: string;
  };
  readonly labels?: readonly string[];
  /** How texts become ids, as the file says it, or the option. */
  readonly tokenizer?: WordTokenizer;
  readonly preprocess?: Preprocess;
  readonly preprocessFrom?: Source;
  /** Layers that can be explained, in the order of the forward pass. */
  readonly layers: readonly LayerInfo[];
  /** What `auto` takes. */
  readonly layer?: LayerInfo;
  /** The methods that apply, by name. */
  readonly methods: readonly string[];
  /** Operators that gradients cannot pass, on the way from the picture to the scores. */
  readonly withoutDerivative: readonly string[];
  readonly warnings: readonly Warning[];
}
