// The graphs that sessions are made of: forward parts, backward parts, and both joined.
import {
  differentiate,
  extract,
  type Initializer,
  type Model,
  partition,
  type Rules,
  readFloats,
} from '@saywhy/autodiff';
import { type Backward, headShortcut } from './head-shortcut.js';

/** Gradients that are wanted together: of some tensors, by one set of rules. */
export interface GradientRequest {
  /** Names the rules: '' for the operators' own. */
  readonly rulesName: string;
  readonly rules?: Rules | undefined;
  readonly wrt: readonly string[];
}

/** A model file that came with gradients of some tensors. */
export interface Prepared {
  readonly model: Model;
  readonly tensors: readonly string[];
}

/** The backward part of a gradient, and what it needs of the forward run. */
export interface GradientPart extends Backward {
  readonly saved: readonly string[];
}

export class Parts {
  readonly #gradients = new Map<string, GradientPart>();
  readonly #read = new Map<string, Float32Array>();

  constructor(
    /** Without gradients. */
    readonly model: Model,
    readonly scores: string,
    private readonly prepared?: Prepared,
  ) {}

  get cotangent(): string {
    return `cotangent/${this.scores}`;
  }

  get top(): string {
    return `top/${this.scores}`;
  }

  /** From the inputs to some tensors. */
  forward(outputs: readonly string[]): Model {
    return extract(this.model, { inputs: [], outputs });
  }

  /**
   * A gradient's backward part, from the file where it has one.
   * @throws SaywhyError `no-rule`, `not-differentiable`
   */
  gradient(request: GradientRequest): GradientPart {
    const key = keyOf(request);
    const known = this.#gradients.get(key);
    if (known) return known;
    const { wrt, rules } = request;
    const outputs = wrt.map((tensor) => `gradient/${tensor}`);
    const ready = this.prepared && !rules && wrt.every((tensor) => this.prepared!.tensors.includes(tensor));
    const joined = ready
      ? this.prepared!.model
      : differentiate(this.model, { of: this.scores, wrt, ...(rules && { rules }) });
    // Cut after it was differentiated: declared outputs say what shapes inference cannot tell.
    const { saved, backward } = partition(extract(joined, { inputs: [], outputs: [this.scores, ...outputs] }), outputs);
    const whole: Backward = { part: backward, start: (cotangent) => ({ [this.cotangent]: cotangent }) };
    const shorter = headShortcut(backward, this.cotangent, (weight) => this.#floats(weight));
    const found = { saved, ...(shorter ?? whole) };
    this.#gradients.set(key, found);
    return found;
  }

  #floats({ name, proto }: Initializer): Float32Array {
    const values = this.#read.get(name) ?? readFloats(proto, this.model.external);
    this.#read.set(name, values);
    return values;
  }

  /**
   * Forward and backward in one: gives the scores, the activations, and for each request its gradients under its prefix.
   * @param top whether each takes `top/<scores>` beside its cotangent, as `differentiate` says
   */
  joined(requests: readonly GradientRequest[], activations: readonly string[], top: boolean): Model {
    const joined = requests.reduce(
      (model, { rules, rulesName, wrt }) =>
        differentiate(model, { of: this.scores, wrt, top, prefix: prefixOf(rulesName), ...(rules && { rules }) }),
      this.model,
    );
    const gradients = requests.flatMap(({ rulesName, wrt }) =>
      wrt.map((tensor) => `${prefixOf(rulesName)}gradient/${tensor}`),
    );
    const made = activations.filter((name) => this.model.graph.producers.has(name));
    return extract(joined, { inputs: [], outputs: [this.scores, ...made, ...gradients] });
  }
}

export function keyOf({ rulesName, wrt }: GradientRequest): string {
  return `${rulesName}|${[...wrt].sort().join('|')}`;
}

/** In a joined part every set of rules has names of its own. */
export function prefixOf(rulesName: string): string {
  return rulesName === '' ? '' : `${rulesName}/`;
}
