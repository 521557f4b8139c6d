// Stand-ins for what stayed in the page: functions that ask it.
import { type Method, type MethodContext, methods, type Target } from '@saywhy/core';
import { proxy, type Remote } from 'comlink';
import { isPlain } from '../remote/callables.js';
import type { Callbacks, SentContext, SentFunction, SentMethod } from '../remote/protocol.js';
import { unwired, wired } from '../remote/wire.js';

type Page = Remote<Callbacks> | undefined;

const isSent = (value: object): value is SentFunction | SentMethod => 'callable' in value;

export function readTargets(value: unknown, page: Page): Target | readonly Target[] | undefined {
  return read(value, page) as Target | undefined;
}

function read(value: unknown, page: Page): unknown {
  if (Array.isArray(value)) return value.map((item) => read(item, page));
  if (!isPlain(value)) return value;
  if (isSent(value)) return targetFunction(value as unknown as SentFunction, page!);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, read(item, page)]));
}

function targetFunction({ callable, text }: SentFunction, page: NonNullable<Page>) {
  const ask = async (scores: Parameters<Callbacks['target']>[1]) => unwired(await page.target(callable, scores));
  return Object.defineProperty(ask, 'name', { value: text });
}

type Methods = string | Method | readonly (string | Method)[];

export function readMethods(value: unknown, page: Page): Methods | undefined {
  if (Array.isArray(value)) return value.map((item) => readMethods(item, page) as string | Method);
  if (typeof value !== 'object' || value === null) return value as string | undefined;
  return isSent(value) ? methodOf(value as SentMethod, page!) : (value as Method);
}

function methodOf({ callable, rulesOf, ...record }: SentMethod, page: NonNullable<Page>): Method {
  const rules = rulesOf === undefined ? undefined : methods.find(({ name }) => name === rulesOf)?.rules;
  return {
    ...record,
    ...(rules && { rules }),
    async map(context) {
      const run = (inputs: readonly Float32Array[]) =>
        wired(() => context.run(inputs.length, (index) => inputs[index]!));
      return unwired(await page.map(callable, partsOf(context, record.needs), proxy(run)));
    },
  };
}

function partsOf(context: MethodContext, needs: Method['needs']): SentContext {
  return {
    value: context.value,
    ...(needs.includes('activations') && { activations: context.activations }),
    ...(needs.includes('gradients') && { gradients: context.gradients }),
    ...(needs.includes('input') && { input: context.input }),
    ...(needs.includes('input-gradients') && { inputGradients: context.inputGradients }),
    ...(needs.includes('head') && { head: context.head }),
  };
}
