// Stand-ins for what stayed in the page: functions that ask it.
import type { Method, MethodContext, Picture, Target, TensorInput } from '@saywhy/core';
import { proxy, type Remote } from 'comlink';
import { isPlain } from '../remote/callables.js';
import type { Callbacks, SentCompared, SentContext, SentFunction, SentMethod } from '../remote/protocol.js';
import { unwired, wired } from '../remote/wire.js';

type Page = Remote<Callbacks> | undefined;

const isSent = (value: object): value is SentFunction | SentMethod => 'callable' in value;

const isCompared = (value: object): value is SentCompared => 'compared' in value;

/** @param compared what came with the call to be compared with */
export function readTargets(
  value: unknown,
  page: Page,
  compared: readonly (Picture | TensorInput)[],
): Target | readonly Target[] | undefined {
  const read = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(read);
    if (!isPlain(value)) return value;
    if (isSent(value)) return targetFunction(value as unknown as SentFunction, page!);
    if (isCompared(value)) return compared[value.compared];
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, read(item)]));
  };
  return read(value) as Target | undefined;
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

function methodOf({ callable, ...record }: SentMethod, page: NonNullable<Page>): Method {
  return {
    ...record,
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
