// A model that someone else exported with gradient outputs of its own is run as it is: one session gives scores, activations and gradients.
import { extract, type Model } from '@saywhy/autodiff';
import { SaywhyError } from '../errors.js';
import type { Floats } from '../methods/method.js';
import type { ForeignModel } from '../model/foreign.js';
import { type ResolvedTarget, resolveTargets } from '../targets/resolve.js';
import { type Scores, topIndices } from '../targets/scores.js';
import type { View } from '../targets/view.js';
import { fromFloats, toFloats } from '../tensors/numbers.js';
import { collect, floatsOf } from './results.js';
import type { OpenSession, Results, SessionStore } from './store.js';
import { type Feeds, type GradientSource, gradientKey, type Outcome, type RawScores, type Work } from './work.js';

export class ForeignRunner implements GradientSource {
  /** Gradient outputs that were seen to change with what is fed. */
  readonly #alive = new Set<string>();

  constructor(
    private readonly model: Model,
    private readonly scoresTensor: string,
    private readonly foreign: ForeignModel,
    private readonly interpret: (scores: RawScores) => Scores,
    /** Tensors that are needed to read the scores. */
    private readonly others: readonly string[],
    private readonly store: SessionStore,
  ) {}

  async run({ feeds, activations, requests, targets, view, before }: Work): Promise<Outcome> {
    const wanted = requests.flatMap(({ rules, wrt }) => {
      if (rules)
        throw new SaywhyError(
          'not-applicable',
          'Guided methods need gradients by rules of their own; this model came with its gradients. Use the model without them.',
        );
      return wrt;
    });
    let [forward, done] = [0, 0];
    const run = async () => {
      before('forward', 0, 1 + targets.length);
      done = 1;
      const start = performance.now();
      const results = await (await this.#scores()).run(feeds);
      forward = performance.now() - start;
      return results;
    };
    const scores = await this.store.reuse(feeds, this.#needed, run, async (results) =>
      this.interpret(await this.#read(results)),
    );
    const start = performance.now();
    const resolved = await resolveTargets(targets, scores, view);
    const gradients: Map<string, Floats>[] = [];
    let outputs: Readonly<Record<string, Floats>> = {};
    for (const [index, target] of resolved.entries()) {
      before('backward', done + index, done + resolved.length);
      outputs = await this.#outputs(feeds, target, scores, activations, wanted);
      await this.#checkAlive(outputs, feeds, target, scores, view, wanted);
      gradients.push(
        new Map(wanted.map((tensor) => [gradientKey('', tensor), outputs[this.foreign.gradientOf(tensor)]!])),
      );
    }
    return {
      scores,
      targets: resolved,
      activations: new Map(await Promise.all(activations.map((tensor) => this.#activation(tensor, outputs, feeds)))),
      gradients,
      milliseconds: { forward, backward: performance.now() - start },
    };
  }

  async #activation(
    tensor: string,
    outputs: Readonly<Record<string, Floats>>,
    feeds: Feeds,
  ): Promise<readonly [string, Floats]> {
    const fed = feeds[tensor];
    return [tensor, fed ? await floatsOf(fed) : outputs[tensor]!];
  }

  async scores(feeds: Feeds): Promise<RawScores> {
    return this.#read(await (await this.#scores()).run(feeds));
  }

  async tensors(feeds: Feeds, names: readonly string[]): Promise<ReadonlyMap<string, Floats>> {
    const part = () => extract(this.model, { inputs: [], outputs: names });
    const results = await (await this.store.open(`tensors|${names.join('|')}`, part)).run(feeds);
    return collect(results, names);
  }

  async warm(): Promise<void> {
    await this.#scores();
  }

  #scores(): Promise<OpenSession> {
    return this.store.open('scores', () => extract(this.model, { inputs: [], outputs: this.#needed }));
  }

  get #needed(): readonly string[] {
    return [this.scoresTensor, ...this.others];
  }

  async #read(results: Results): Promise<RawScores> {
    const scores = await floatsOf(results[this.scoresTensor]!);
    return this.others.length === 0
      ? scores
      : { ...scores, others: Object.fromEntries(await collect(results, this.others)) };
  }

  async #outputs(
    feeds: Feeds,
    target: ResolvedTarget,
    scores: Scores,
    activations: readonly string[],
    gradients: readonly string[],
  ): Promise<Readonly<Record<string, Floats>>> {
    const made = activations.filter((tensor) => !feeds[tensor]);
    const names = [...new Set([...made, ...gradients.map((tensor) => this.foreign.gradientOf(tensor))])];
    const session = await this.store.open(`foreign|${names.join('|')}`, () =>
      extract(this.model, { inputs: [], outputs: names }),
    );
    const needed = new Set(session.part.graph.inputs.map(({ name }) => name));
    const all = { ...feeds, ...this.#selector(target, scores) };
    const results = await session.run(Object.fromEntries(Object.entries(all).filter(([name]) => needed.has(name))));
    return Object.fromEntries(await collect(results, names));
  }

  /** What tells the model the class: the cotangent, its index, or nothing, where the exporter settled it. */
  #selector({ info, cotangent }: ResolvedTarget, scores: Scores): Feeds {
    const { selector } = this.foreign;
    if (selector?.kind === 'cotangent') return { [selector.name]: fromFloats(cotangent, selector.type, scores.shape) };
    const plain = info.index !== undefined && cotangent.every((value, i) => value === (i === info.index ? 1 : 0));
    const possible = plain && (selector || info.index === topIndices(scores, 1)[0]);
    if (!possible)
      throw new SaywhyError(
        'not-applicable',
        `This model's gradients are of ${selector ? 'the score of one class' : 'the top class alone'}: "${info.text}" cannot be explained with them. Use the model without gradients, from which any can be derived.`,
      );
    if (!selector) return {};
    const shape = selector.shape.map((size) => (typeof size === 'number' ? size : 1));
    return { [selector.name]: fromFloats(Float32Array.of(info.index!), selector.type, shape) };
  }

  /**
   * Exporters have written gradients of the example picture into the file as constants: what changes neither with the picture nor with the class is no
   * gradient.
   */
  async #checkAlive(
    outputs: Readonly<Record<string, Floats>>,
    feeds: Feeds,
    target: ResolvedTarget,
    scores: Scores,
    view: View,
    tensors: readonly string[],
  ): Promise<void> {
    const unproven = tensors.filter((tensor) => !this.#alive.has(tensor));
    if (unproven.length === 0) return;
    const { picture } = this.foreign;
    const values = await toFloats(feeds[picture.name]!);
    const changes: ((value: number, i: number) => number)[] = [
      (value) => -value,
      (_, i) => values[values.length - 1 - i]!,
      (value, i) => value * Math.sin(i),
    ];
    const others: Readonly<Record<string, Floats>>[] = [];
    for (const change of changes) {
      const tensor = fromFloats(values.map(change), picture.type, feeds[picture.name]!.dims);
      others.push(await this.#outputs({ ...feeds, [picture.name]: tensor }, target, scores, [], unproven));
    }
    if (this.foreign.selector && scores.listed && scores.kind !== 'binary')
      for (const other of await resolveTargets(topIndices(scores, 2), scores, view))
        others.push(await this.#outputs(feeds, other, scores, [], unproven));
    for (const tensor of unproven) {
      const name = this.foreign.gradientOf(tensor);
      const changed = others.some((other) => other[name]!.data.some((value, i) => value !== outputs[name]!.data[i]));
      if (!changed)
        throw new SaywhyError(
          'frozen-gradients',
          `The output "${name}" changes neither with the picture nor with the class: the exporter wrote it as a constant. Export the model without gradients; they are derived here.`,
        );
      this.#alive.add(tensor);
    }
  }
}
