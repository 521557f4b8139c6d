// What a method is: a record, which the command line, the docs and the tests read, and a function from what it needs to a map.
import type { Rules } from '@saywhy/autodiff';

/** Parts of `MethodContext` that cost something: only those that a method names are there for it. */
export type Need = 'activations' | 'gradients' | 'input' | 'input-gradients' | 'head' | 'runs';

/** Tables of `@saywhy/autodiff`, by their names: so that a list of methods does without the engine, and crosses to a worker. */
export type RulesName = 'guided-backpropagation' | 'deconvnet';

/** Numbers row by row. */
export interface Floats {
  readonly data: Float32Array;
  readonly shape: readonly number[];
}

export interface MethodContext {
  /** The layer's activation, channels first, without batch, class tokens and registers: [C, ...space]. */
  readonly activations: Floats;
  /** The derivative of the target with respect to it. */
  readonly gradients: Floats;
  /** The model's input, without its batch, channels first: [C, ...space]. */
  readonly input: Floats;
  /** The derivative of the target with respect to it, by the method's `rules`. */
  readonly inputGradients: Floats;
  /** The weights of a head of global average pooling and one linear layer, of the target: one for each channel. */
  readonly head: Float32Array;
  /** What is explained, at this input. */
  readonly value: number;
  /** The target's value for `count` changed inputs, which `make` gives one by one, each as `input` is. */
  run(count: number, make: (index: number) => Float32Array): Promise<number[]>;
}

export interface Method {
  /** As it is asked for: `grad-cam`. */
  readonly name: string;
  readonly title: string;
  /** Where it comes from: authors, title, year and address. */
  readonly paper: { readonly title: string; readonly url: string };
  readonly needs: readonly Need[];
  /** Gradient rules that replace the operators' own, for `input-gradients`: a table, or the name of one of saywhy's. */
  readonly rules?: Rules | RulesName;
  /** Whether the map as shown has a sign. */
  readonly signed: boolean;
  /** What users of the method should know: it is a warning of each result. */
  readonly warning?: { readonly code: string; readonly message: string };
  /** [h, w] at the layer's resolution (any spatial rank), or [C, H, W] at the input's, before any scaling. */
  map(context: MethodContext): Floats | Promise<Floats>;
}
