// Everything that can be done with the bytes of a model, whatever they say.
import {
  differentiableTensors,
  differentiate,
  inferTensors,
  modules,
  parseModel,
  partition,
  requiredInputs,
  SaywhyError,
  writeModel,
} from '@saywhy/autodiff';
import { expect } from 'chai';

const codes = [
  ...['invalid-model', 'model-too-large', 'external-data-outside', 'external-data-missing', 'unknown-tensor'],
  ...['ambiguous-tensor', 'no-rule', 'not-differentiable', 'duplicate-name', 'opset-too-old', 'unsupported-type'],
];

export interface Attempt {
  /** The code of the error that ended it, or `fine`. */
  readonly code: string;
  /** The error's message. */
  readonly message?: string;
  /** The model with its gradients, where it got so far. */
  readonly joined?: Uint8Array;
}

/** Does all that can be done with a file. Throws only what is no error of saywhy. */
export function attemptAll(bytes: Uint8Array): Attempt {
  let isPromised = false;
  try {
    const model = parseModel(bytes);
    inferTensors(model);
    modules(model);
    writeModel(model);
    const scores = model.graph.outputs[0]?.name;
    if (scores === undefined) return { code: 'fine' };
    const possible = differentiableTensors(model, scores);
    const inputs = requiredInputs(model.graph).map(({ name }) => name);
    // What the list names, differentiate gives; where it names nothing, that says why.
    const promised = inputs.filter((name) => possible.has(name));
    isPromised = promised.length > 0;
    const wrt = isPromised ? promised : inputs;
    const joined = differentiate(model, { of: scores, wrt });
    const { forward, backward } = partition(
      joined,
      wrt.map((name) => `gradient/${name}`),
    );
    writeModel(forward);
    writeModel(backward);
    return { code: 'fine', joined: writeModel(joined) };
  } catch (error) {
    if (!(error instanceof SaywhyError)) throw error;
    expect(codes, error.message).to.include(error.code);
    // What an operator is lowered to is refused only once it is there.
    const isPromise = isPromised && !error.message.includes('"backward/');
    if (isPromise && ['no-rule', 'not-differentiable'].includes(error.code))
      throw new Error('differentiableTensors names tensors that differentiate refuses', { cause: error });
    return { code: error.code, message: error.message };
  }
}

/** The code alone. */
export function attempt(bytes: Uint8Array): string {
  return attemptAll(bytes).code;
}

/** The CPU time in milliseconds that something takes: other work on the machine does not count. */
export function cpuTime(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
