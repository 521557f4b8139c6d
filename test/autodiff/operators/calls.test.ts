// Every call of operator-calls.ts is run with known sizes, with named ones and in half precision, and differentiated twice. What cannot be is listed here.
import { differentiableTensors, differentiate, extract, type Model, requiredInputs } from '@saywhy/autodiff';
import { expect } from 'chai';
import { modelOf } from '../../support/call-models.js';
import { relativeError } from '../../support/golden.js';
import { type OperatorCall, operatorCalls } from '../../support/operator-calls.js';
import { normal } from '../../support/random.js';
import { type Feed, load, type Result } from '../../support/run.js';

const noKernel = 'Could not find an implementation';
const noHalf = 'MLFloat16 data type is not supported';
const halfIsInvalid = "Type 'tensor(float16)' of input parameter";

/** What onnxruntime says of operators whose calls its CPU provider does not run: they have tests of their own. */
const notRun: Readonly<Record<string, string>> = {
  'com.microsoft.BiasAdd': noKernel,
  'com.microsoft.BiasDropout': noKernel,
  'com.microsoft.BiasSoftmax': noKernel,
  'com.microsoft.BiasSplitGelu': noKernel,
  'com.microsoft.EmbedLayerNormalization': "Type 'tensor(int64)' of input parameter (input_ids)",
};

/** The same of calls that it does not run in half precision. */
const notHalf: Readonly<Record<string, string>> = {
  Celu: halfIsInvalid,
  DynamicQuantizeLinear: halfIsInvalid,
  QLinearConv: halfIsInvalid,
  Range: halfIsInvalid,
  ScatterElements: noHalf,
  ScatterND: noHalf,
};

/** Why the gradient's own derivative is not what differences of the gradient give. */
const STRAIGHT = 'rounding is passed straight through';
const notTwice: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ['DequantizeLinear', 'DynamicQuantizeLinear', 'MatMulInteger', 'ConvInteger', 'QLinearMatMul', 'QLinearConv'].map(
      (op) => [op, STRAIGHT],
    ),
  ),
};

/** Operators of numbers above 0, or 1. */
const domains: Readonly<Record<string, number>> = {
  ...Object.fromEntries(['Log', 'Sqrt', 'Pow', 'ReduceLogSum', 'BatchNormalization', 'Range'].map((op) => [op, 0])),
  Acosh: 1,
};

/** The result of the call, as real numbers. */
const OF = 'real0';
type Feeds = Readonly<Record<string, Feed>>;

/** A call at the first of some opsets that can say it. */
function modelFor(op: string, call: OperatorCall, isSymbolic = false, isHalf = false): Model {
  for (const opset of [21, 23, 24, 26, 10, 9]) {
    const model = modelOf(op, call, opset, isSymbolic, isHalf);
    if (model) return extract(model, { inputs: [], outputs: [OF] });
  }
  throw new Error(`no opset has this call of ${op}`);
}

/** Numbers that half precision holds, all different, from 0.2 to 0.8 away from 0 (or from another end of the operator's domain). */
function feedsOf(model: Model, op: string): Feeds {
  const domain = domains[op];
  const next = normal(1);
  const inputs = requiredInputs(model.graph).map(({ name, shape }, position) => {
    const dims = shape as readonly number[];
    const data = Array.from({ length: dims.reduce((product, size) => product * size, 1) }, (_, index) => {
      const distance = (410 + (((index + 1) * 977 + position * 331) % 1229)) / 2048;
      return domain === undefined ? distance * Math.sign(next()) : domain + distance;
    });
    return [name, { shape: dims, data }] as const;
  });
  return Object.fromEntries(inputs);
}

/** A session that runs once is not worth optimisation and threads. */
const quickly = { graphOptimizationLevel: 'disabled', intraOpNumThreads: 1 } as const;

async function run(model: Model, feeds: Feeds): Promise<Record<string, Result>> {
  const session = await load(model, quickly);
  try {
    return await session.run(feeds);
  } finally {
    await session.release();
  }
}

function differentiable(model: Model, of: string): string[] {
  const able = differentiableTensors(model, of);
  return model.graph.inputs.map(({ name }) => name).filter((name) => able.has(name));
}

type Session = Awaited<ReturnType<typeof load>>;

/** The model with the gradients by all inputs that have one, loaded. */
async function differentiated(model: Model) {
  const wrt = differentiable(model, OF);
  const once = differentiate(model, { of: OF, wrt });
  const session = await load(once, quickly);
  const gradients = async (feeds: Feeds) => {
    const results = await session.run(feeds);
    return wrt.flatMap((name) => results[`gradient/${name}`]!.data);
  };
  return { once, session, gradients };
}

async function gradientsOf(model: Model, feeds: Feeds): Promise<number[]> {
  const { session, gradients } = await differentiated(model);
  try {
    return await gradients(feeds);
  } finally {
    await session.release();
  }
}

/** The derivative of <v, first gradient> in a direction of all inputs, by the rules and by differences. */
async function secondDerivatives(once: Model, session: Session, feeds: Feeds, inputs: readonly string[]) {
  const next = normal(3);
  const like = ({ data, shape }: Feed | Result) => ({ shape, data: Array.from(data, next) });
  const of = once.graph.outputs.map(({ name }) => name).find((name) => name.startsWith('gradient/'))!;
  const wrt = differentiable(once, of).filter((name) => inputs.includes(name));
  const v = like((await session.run(feeds))[of]!);
  const towards = Object.fromEntries(inputs.map((name) => [name, like(feeds[name]!)]));
  const along = async (step: number) => {
    const moved = inputs.map((name) => {
      const { shape, data } = feeds[name]!;
      return [name, { shape, data: Array.from(data, (x, index) => x + step * towards[name]!.data[index]!) }];
    });
    return dot((await session.run({ ...feeds, ...Object.fromEntries(moved) }))[of]!.data, v.data);
  };
  // A gradient that depends on no input stays exactly as it is, unless the step leads over a kink.
  const step = wrt.length > 0 ? 2e-3 : 1e-4;
  const differences = ((await along(step)) - (await along(-step))) / (2 * step);
  if (wrt.length === 0) return { differences, rules: 0, norm: 0 };
  const twice = differentiate(once, { of, wrt, prefix: 'second/' });
  const results = await run(twice, { ...feeds, [`second/cotangent/${of}`]: v });
  const second = wrt.flatMap((name) => results[`second/gradient/${name}`]!.data);
  const direction = wrt.flatMap((name) => towards[name]!.data);
  return { differences, rules: dot(second, direction), norm: Math.hypot(...second) };
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((total, value, index) => total + value * b[index]!, 0);
}

/** What an error says, where there is one. */
async function refusal(work: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

describe('calls of operators', () => {
  for (const [op, calls] of Object.entries(operatorCalls))
    for (const call of calls)
      it(`${op} ${JSON.stringify(call.attributes ?? {})}`, async () => {
        const model = modelFor(op, call);
        const inputs = feedsOf(model, op);
        if (notRun[op]) {
          expect(await refusal(() => run(model, inputs))).to.include(notRun[op]);
          return;
        }
        const next = normal(2);
        const { shape, data } = (await run(model, inputs))[OF]!;
        const cotangent = { shape, data: data.map(() => Math.round(next() * 64) / 64) };
        const feeds = { ...inputs, [`cotangent/${OF}`]: cotangent };
        const { once, session, gradients } = await differentiated(model);
        const expected = await gradients(feeds);

        const named = await gradientsOf(modelFor(op, call, true), feeds);
        expect(relativeError(named, expected), 'named sizes').to.be.below(1e-5);

        const half = modelFor(op, call, false, true);
        const why = notHalf[op] && (await refusal(() => run(half, inputs)));
        if (why) expect(why).to.include(notHalf[op]);
        else expect(relativeError(await gradientsOf(half, feeds), expected), 'half precision').to.be.below(1e-2);

        if (!notTwice[op]) {
          const { rules, differences, norm } = await secondDerivatives(once, session, feeds, Object.keys(inputs));
          const title = `twice: ${differences} by differences, ${rules} by the rules`;
          expect(Math.abs(rules - differences), title).to.be.below(1e-2 * Math.max(norm, 0.1));
        }
        await session.release();
      });
});
