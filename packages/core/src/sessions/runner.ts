// One forward run serves every class, layer and method, also in later calls on the same input; each class then costs a small backward run. A gradient deep in
// the model saves many tensors, and the runtime pays for each (it leaves its blocked layouts, and fuses less): there, forward and backward run as one graph.
import type { Floats } from '../methods/method.js';
import { isFixed, isSingle, type ResolvedTarget, resolveTargets } from '../targets/resolve.js';
import type { Scores } from '../targets/scores.js';
import { fromFloats, toFloats } from '../tensors/numbers.js';
import type { Backward } from './head-shortcut.js';
import { dispose } from './kept-runs.js';
import { type GradientRequest, keyOf, type Parts, prefixOf } from './parts.js';
import { collect, floatsOf } from './results.js';
import type { OpenSession, Results, SessionStore } from './store.js';
import { type Feeds, type GradientSource, gradientKey, type Outcome, type RawScores, type Work } from './work.js';

/**
 * From this many saved tensors on, one joined run for a class that is known costs less than a forward and a backward run. Measured on the CPU, as multiples of
 * the plain forward run: EfficientNet-Lite0 (33 saved) 3.9 joined, 5.6 apart; MobileNetV3-small (50) 4.7 and 6.6; ResNet-18 (18) 2.9 and 3.0.
 */
const JOIN_FROM = 12;
/** The same where the class is not known, so that a plain forward run has to come first. */
const JOIN_UNKNOWN_FROM = 100;

export interface RunnerModel {
  readonly parts: Parts;
  readonly scoresType: 'float32' | 'float16' | 'float64';
  /** What is known of the scores before a run. */
  readonly blank: Scores | undefined;
  /** The scores of one picture. */
  readonly interpret: (scores: RawScores) => Scores;
  /** Tensors that are needed to read the scores. */
  readonly others: readonly string[];
}

/** Outputs that a forward session may give without being asked: fewer sessions, each with its copy of the weights, are worth the copies. */
const MOST_SPARE = 2;

export class Runner implements GradientSource {
  /** What the forward sessions that were ever opened give. */
  readonly #forwards: (readonly string[])[] = [];

  constructor(
    private readonly model: RunnerModel,
    private readonly store: SessionStore,
    /** Whether results can stay on the device between the parts. */
    private readonly onDevice: boolean,
  ) {}

  async run(work: Work): Promise<Outcome> {
    const { parts } = this.model;
    const saved = new Set(work.requests.flatMap((request) => parts.gradient(request).saved));
    const needed = this.#made([...work.activations, ...saved]);
    const single = work.targets.length === 1 && isSingle(work.targets[0]!);
    const known = this.#isKnown(work) || this.#isFound(work) || this.store.gave(work.feeds, this.#made([]));
    const join =
      single && saved.size >= (known ? JOIN_FROM : JOIN_UNKNOWN_FROM) && !this.store.gave(work.feeds, needed);
    return join ? this.#joined(work) : this.#split(work, needed);
  }

  /** Whether the cotangent can be told before any run. */
  #isKnown({ targets }: Work): boolean {
    return this.model.blank !== undefined && targets.every(isFixed);
  }

  /** Whether a joined graph itself finds the class: the top one, of scores that were not seen yet. */
  #isFound({ targets, feeds }: Work): boolean {
    const [target] = targets;
    const asked = typeof target === 'object' && target !== null && 'top' in target;
    return asked && this.#findsTop && !this.store.gave(feeds, [this.model.parts.scores]);
  }

  get #findsTop(): boolean {
    const { blank, scoresType } = this.model;
    return blank?.listed === true && blank.kind !== 'binary' && scoresType === 'float32';
  }

  async warm(tensors: readonly string[]): Promise<void> {
    const request = { rulesName: '', wrt: tensors };
    const saved = tensors.length > 0 ? this.model.parts.gradient(request).saved : [];
    await this.#forward(this.#made([...tensors, ...saved]));
    if (tensors.length > 0) await this.#backward(request);
  }

  async scores(feeds: Feeds): Promise<RawScores> {
    const session = await this.#forward(this.#made([]));
    const results = await session.run(feeds);
    const scores = await this.#read(results);
    dispose(results);
    return scores;
  }

  async tensors(feeds: Feeds, names: readonly string[]): Promise<ReadonlyMap<string, Floats>> {
    const results = await (await this.#forward(this.#made(names))).run(feeds);
    const found = await collect({ ...feeds, ...results }, names);
    dispose(results);
    return found;
  }

  #split(work: Work, needed: readonly string[]): Promise<Outcome> {
    return this.#afterForward(work, needed, 1 + work.requests.length, async (results, scores, forward, done) => {
      const start = performance.now();
      const targets = await resolveTargets(work.targets, scores, work.view);
      const all = { ...work.feeds, ...results };
      const gradients = await this.#backwardRuns(work, all, targets, scores, done);
      const milliseconds = { forward, backward: performance.now() - start };
      return { scores, targets, activations: await collect(all, work.activations), gradients, milliseconds };
    });
  }

  /** Goes on with what a forward run gives, which cost some milliseconds and steps, or none where it was done before. */
  #afterForward<T>(
    { feeds, before }: Work,
    needed: readonly string[],
    steps: number,
    use: (results: Results, scores: Scores, milliseconds: number, steps: number) => Promise<T>,
  ): Promise<T> {
    let start: number | undefined;
    const run = async () => {
      before('forward', 0, steps);
      start = performance.now();
      return (await this.#forward(needed)).run(feeds);
    };
    return this.store.reuse(feeds, needed, run, async (results) => {
      const scores = this.model.interpret(await this.#read(results));
      return start === undefined ? use(results, scores, 0, 0) : use(results, scores, performance.now() - start, 1);
    });
  }

  /** For each target one run of each backward part. */
  async #backwardRuns(
    { requests, before }: Work,
    results: Results,
    targets: readonly ResolvedTarget[],
    scores: Scores,
    done: number,
  ): Promise<Map<string, Floats>[]> {
    const { parts } = this.model;
    const gradients = targets.map(() => new Map<string, Floats>());
    const steps = done + targets.length * requests.length;
    let step = done;
    for (const request of requests) {
      const session = await this.#backward(request);
      const { saved, start } = parts.gradient(request);
      const feeds = Object.fromEntries(saved.map((name) => [name, results[name]!]));
      const names = request.wrt.map((tensor) => `gradient/${tensor}`);
      for (const [index, { cotangent }] of targets.entries()) {
        before('backward', step++, steps);
        const found = await this.#gradients(session, feeds, start, { data: cotangent, shape: scores.shape }, names);
        request.wrt.forEach((tensor, i) => {
          gradients[index]!.set(gradientKey(request.rulesName, tensor), found.gradients[i]!);
        });
      }
    }
    return gradients;
  }

  async #joined(work: Work): Promise<Outcome> {
    const { parts, interpret, blank } = this.model;
    const [isFound, findsTop] = [this.#isFound(work), this.#findsTop];
    let [scores, forward, done] = [blank!, 0, 0];
    if (!isFound && !this.#isKnown(work))
      await this.#afterForward(work, this.#made([]), 2, async (_, ...found) => {
        [scores, forward, done] = found;
      });
    const began = performance.now();
    const cotangent = isFound ? ONE : await this.#cotangent(work, scores);
    work.before('backward', done, done + 1);
    const key = `joined|${work.requests.map(keyOf).join('||')}|${work.activations.join('|')}`;
    const session = await this.store.open(key, () => parts.joined(work.requests, work.activations, findsTop));
    const nothing = { data: new Float32Array(scores.data.length), shape: scores.shape };
    const start = (given: Floats) =>
      Object.fromEntries(
        work.requests.flatMap(({ rulesName }) => [
          [`${prefixOf(rulesName)}${parts.cotangent}`, isFound ? nothing : given] as const,
          ...(findsTop ? [[`${prefixOf(rulesName)}${parts.top}`, isFound ? given : NONE] as const] : []),
        ]),
      );
    const outputs = work.requests.flatMap(({ rulesName, wrt }) =>
      wrt.map((tensor) => ({ key: gradientKey(rulesName, tensor), name: `${prefixOf(rulesName)}gradient/${tensor}` })),
    );
    const names = outputs.map(({ name }) => name);
    const { results, gradients } = await this.#gradients(session, work.feeds, start, cotangent, names);
    if (!this.store.gave(work.feeds, [parts.scores]))
      this.store.keep(work.feeds, { [parts.scores]: results[parts.scores]! });
    // What else is needed to read them, the run before gave.
    const found = interpret({ ...(await floatsOf(results[parts.scores]!)), others: scores.others });
    return {
      scores: found,
      targets: await resolveTargets(work.targets, found, work.view),
      activations: await collect({ ...work.feeds, ...results }, work.activations),
      gradients: [new Map(outputs.map((output, i) => [output.key, gradients[i]!]))],
      milliseconds: { forward, backward: performance.now() - began },
    };
  }

  async #cotangent({ targets, view }: Work, scores: Scores): Promise<Floats> {
    const [target] = await resolveTargets(targets, scores, view);
    return { data: target!.cotangent, shape: scores.shape };
  }

  /** One backward run; in half precision, as many as it takes to neither under- nor overflow. */
  async #gradients(
    session: OpenSession,
    feeds: Feeds,
    start: Backward['start'],
    { data: cotangent, shape }: Floats,
    names: readonly string[],
  ): Promise<{ results: Results; gradients: Floats[] }> {
    const type = this.model.scoresType;
    let results: Results = {};
    const run = async (scale: number) => {
      const scaled = scale === 1 ? cotangent : cotangent.map((value) => value * scale);
      const given = Object.entries(start({ data: scaled, shape }));
      const started = given.map(([name, tensor]) => [name, fromFloats(tensor.data, type, tensor.shape)] as const);
      results = await session.run({ ...feeds, ...Object.fromEntries(started) });
      return Promise.all(names.map((name) => toFloats(results[name]!)));
    };
    // Loaded for the models that need it.
    const data = type === 'float16' ? await (await import('./half.js')).runScaled(cotangent, run) : await run(1);
    return { results, gradients: data.map((values, i) => ({ data: values, shape: results[names[i]!]!.dims })) };
  }

  async #read(results: Results): Promise<RawScores> {
    const { parts, others } = this.model;
    const scores = await floatsOf(results[parts.scores]!);
    return others.length === 0 ? scores : { ...scores, others: Object.fromEntries(await collect(results, others)) };
  }

  /** The scores and what they are read with, and what else of some tensors the model computes. */
  #made(tensors: readonly string[]): readonly string[] {
    const { model, scores } = this.model.parts;
    return [
      ...new Set([scores, ...this.model.others, ...tensors.filter((name) => model.graph.producers.has(name))]),
    ].sort();
  }

  /** A session from the inputs to some tensors: one that is open may give a little more. */
  #forward(wanted: readonly string[]): Promise<OpenSession> {
    const { parts } = this.model;
    const serves = (outputs: readonly string[]) =>
      outputs.length <= wanted.length + MOST_SPARE &&
      wanted.every((name) => outputs.includes(name)) &&
      this.store.has(forwardKey(outputs));
    const outputs = this.store.has(forwardKey(wanted)) ? wanted : (this.#forwards.find(serves) ?? wanted);
    if (outputs === wanted && !this.store.has(forwardKey(wanted))) this.#forwards.push(wanted);
    const device = this.onDevice && outputs.length > 1 ? 'device' : 'cpu';
    return this.store.open(forwardKey(outputs), () => parts.forward(outputs), device);
  }

  #backward(request: GradientRequest): Promise<OpenSession> {
    return this.store.open(`backward|${keyOf(request)}`, () => this.model.parts.gradient(request).part);
  }
}

/** How often the top class is added to the cotangent. */
const ONE: Floats = { data: Float32Array.of(1), shape: [1] };
const NONE: Floats = { data: Float32Array.of(0), shape: [1] };

function forwardKey(outputs: readonly string[]): string {
  return `forward|${outputs.join('|')}`;
}
