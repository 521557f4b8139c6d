// Functions cannot be sent: a target function and a method of the caller's own stay in the page, and the worker calls them there. Pictures that targets
// compare with go as those do that are explained.
import { type Method, type MethodContext, SaywhyError, type ScoreFunction, type TensorInput } from '@saywhy/core';
import { isVector } from '@saywhy/core/pictures';
import type { PictureSource } from '../types.js';
import type { Callbacks, RunChanged, SentCompared, SentContext, SentFunction, SentMethod } from './protocol.js';
import { unwired, wired } from './wire.js';

/** Inputs that cross at once where a method asks for many runs. */
const BATCH = 8;

export class Callables {
  readonly #targets: ScoreFunction[] = [];
  readonly #methods: Method[] = [];
  /** What targets compare with, vectors left out. */
  readonly compared: (PictureSource | TensorInput)[] = [];
  /** What the caller's functions threw, so that the caller gets the very same. */
  readonly errors: unknown[] = [];

  get any(): boolean {
    return this.#targets.length + this.#methods.length > 0;
  }

  /** Targets as they are sent: each function and each picture that is compared with, however deep, replaced by its number. */
  targets(value: unknown, key?: string): unknown {
    if (key === 'similarTo' && !isVector(value))
      return { compared: this.compared.push(value as PictureSource) - 1 } satisfies SentCompared;
    if (typeof value === 'function') {
      const callable = this.#targets.push(value as ScoreFunction) - 1;
      return { callable, text: value.name } satisfies SentFunction;
    }
    if (Array.isArray(value)) return value.map((item) => this.targets(item));
    if (!isPlain(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.targets(item, key)]));
  }

  /** @throws SaywhyError `not-applicable` for rules of the caller's own */
  methods(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((item) => this.methods(item));
    if (typeof value !== 'object' || value === null) return value;
    const { map: _, ...record } = value as Method;
    // Rules are functions that the engine calls while it builds a graph.
    if (typeof record.rules === 'object')
      throw new SaywhyError(
        'not-applicable',
        'Gradient rules of your own cannot be sent to the worker. Name those of a method that saywhy has: { ...method, map }.',
      );
    const callable = this.#methods.push(value as Method) - 1;
    return { ...record, callable } satisfies SentMethod;
  }

  readonly target: Callbacks['target'] = (index, scores) => this.#keeping(() => this.#targets[index]!(scores));

  readonly map: Callbacks['map'] = (index, context, run) => {
    const method = this.#methods[index]!;
    return this.#keeping(() => method.map(methodContext(context, run)));
  };

  async #keeping<T>(run: () => T | Promise<T>) {
    const wire = await wired(async () => {
      try {
        return await run();
      } catch (error) {
        this.errors.push(error);
        throw error;
      }
    });
    return 'error' in wire ? { error: { ...wire.error, kept: this.errors.length - 1 } } : wire;
  }
}

/** Masks and vectors within a target go as they are. */
export function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

/** What a method sees: the parts that it needs, and `run`, which goes to the worker. */
function methodContext(context: SentContext, run: RunChanged): MethodContext {
  const part = <K extends keyof SentContext>(name: K): NonNullable<SentContext[K]> => {
    const found = context[name];
    if (found === undefined)
      throw new SaywhyError('invalid-method', `A method that uses \`${name}\` names it in its \`needs\`.`);
    return found;
  };
  return {
    get activations() {
      return part('activations');
    },
    get gradients() {
      return part('gradients');
    },
    get input() {
      return part('input');
    },
    get inputGradients() {
      return part('inputGradients');
    },
    get head() {
      return part('head');
    },
    value: context.value,
    async run(count, make) {
      const values: number[] = [];
      for (let start = 0; start < count; start += BATCH) {
        const size = Math.min(BATCH, count - start);
        values.push(...unwired(await run(Array.from({ length: size }, (_, i) => make(start + i)))));
      }
      return values;
    },
  };
}
