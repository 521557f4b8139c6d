// One operator case of the ONNX standard: the gradient of every real output with respect to every real input, against differences along a direction.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { differentiate, type Model, parseModel, SaywhyError, writeModel } from '@saywhy/autodiff';
import { prepare } from '@saywhy/core/prepare';
import * as ort from 'onnxruntime-node';
import { normal } from '../support/random.js';
import {
  dot,
  isReal,
  norm,
  numbers,
  type Real,
  type TypedTensor,
  tensorOf,
  typedTensors,
  withConstants,
} from './tensors.js';

/** As scripts/node_cases.py writes it. */
export interface NodeCase {
  readonly name: string;
  readonly operators: readonly string[];
  readonly opset: number;
  readonly precision: 'float64' | 'float32' | 'as it is';
  readonly inputs: readonly TypedTensor[];
  readonly outputs: readonly string[];
}

/** What became of each pair of a real output and a real input. */
export interface Verdict {
  right: number;
  /** Of those, how many only with the case's integers as constants, which is what exporters write. */
  constant: number;
  /** Recorded as without derivative. */
  none: number;
  /** Why others were refused. */
  readonly refused: string[];
  readonly wrong: string[];
}

type Feeds = Readonly<Record<string, ort.Tensor>>;

/** Steps that differences are tried with, relative to the size of the point, and the largest error relative to the gradient's norm. */
const accuracy: Readonly<Record<Real, { readonly steps: readonly number[]; readonly tolerance: number }>> = {
  float64: { steps: [1e-5, 1e-6, 1e-4, 1e-3], tolerance: 1e-4 },
  float32: { steps: [1e-2, 3e-3, 3e-2, 1e-3], tolerance: 1e-2 },
  float16: { steps: [0.25], tolerance: 2e-2 },
};
/** Ties and kinks, at which the standard's examples like to lie, are left by this much; a point on an edge may need several attempts. */
const NUDGE = 0.02;
const ATTEMPTS = 8;

/** Random each time: no difference says anything. */
const random = ['Bernoulli', 'Dropout', 'RandomUniformLike'];
/** Regions count as constants, as PyTorch's do, although moving them moves the output. */
const regions: Readonly<Record<string, string>> = { RoiAlign: 'rois', Resize: 'roi' };

export async function judge(test: NodeCase, folder: string): Promise<Verdict> {
  const bytes = readFileSync(join(folder, `${test.name}.onnx`));
  const given = typedTensors(test.inputs, new Uint8Array(readFileSync(join(folder, `${test.name}.bin`))));
  const verdict: Verdict = { right: 0, constant: 0, none: 0, refused: [], wrong: [] };
  const real = test.inputs.filter(({ type }) => isReal(type)).map(({ name }) => name);
  const plain = await ort.InferenceSession.create(bytes, { logSeverityLevel: 4, graphOptimizationLevel: 'disabled' });
  for (const output of test.outputs) {
    const { wrt, none, refused } = sorted(verdict, parseModel(bytes), output, real);
    await compare(verdict, plain, parseModel(bytes), given, { output, wrt });
    const steady = test.operators.some((op) => random.includes(op))
      ? []
      : none.filter((name) => !test.operators.some((op) => regions[op] === name));
    verdict.none += none.length - steady.length;
    await flat(verdict, plain, given, { output, wrt: steady });
    if (refused.length === 0) continue;
    const before = verdict.right;
    const constant = parseModel(withConstants(bytes, given));
    const again = sorted(verdict, constant, output, refused);
    verdict.refused.push(...again.reasons);
    await compare(verdict, plain, constant, given, { output, wrt: again.wrt });
    verdict.constant += verdict.right - before;
  }
  await plain.release();
  return verdict;
}

/** The inputs that have a gradient, those that are recorded as having none, and those that are refused. */
function sorted(verdict: Verdict, model: Model, of: string, inputs: readonly string[]) {
  const wrt: string[] = [];
  const none: string[] = [];
  const refused: string[] = [];
  const reasons: string[] = [];
  for (const name of inputs) {
    const error = refusal(model, of, name);
    if (!error) wrt.push(name);
    else if (error.code === 'not-differentiable') none.push(name);
    else if (error.code === 'no-rule') {
      refused.push(name);
      reasons.push(reasonOf(error));
    } else verdict.wrong.push(`${of} by ${name}: ${error.message}`);
  }
  return { wrt, none, refused, reasons };
}

function refusal(model: Model, of: string, wrt: string): SaywhyError | undefined {
  try {
    differentiate(model, { of, wrt: [wrt] });
    return undefined;
  } catch (error) {
    if (error instanceof SaywhyError) return error;
    throw error;
  }
}

/** The operators that are refused, and why. */
function reasonOf({ message }: SaywhyError): string {
  const lines = message.split('\n').filter((line) => line.startsWith('  '));
  return [...new Set(lines.map((line) => line.trim().replaceAll(/ "[^"]*"/g, '')))].sort().join('; ');
}

interface Pairs {
  readonly output: string;
  readonly wrt: readonly string[];
}

/** The gradients of one output, as `prepare` writes them. */
async function compare(verdict: Verdict, plain: ort.InferenceSession, model: Model, given: Feeds, pairs: Pairs) {
  const { output, wrt } = pairs;
  if (wrt.length === 0) return;
  const next = normal(7);
  const point = await nudged(plain, given, pairs, next);
  const result = (await plain.run(point))[output]!;
  const cotangent = numbers(result).map((value) => (Number.isFinite(value) ? next() : 0));
  const gradients = await prepared(model, point, pairs, tensorOf(result.type as Real, cotangent, result.dims));
  const score = async (feeds: Feeds) => {
    const values = numbers((await plain.run({ ...point, ...feeds }))[output]!);
    return dot(
      values.map((value, index) => (cotangent[index] === 0 ? 0 : value)),
      cotangent,
    );
  };
  for (const name of wrt) {
    const [x, found] = [point[name]!, gradients[`gradient/${name}`]!];
    if (found.type !== x.type || found.dims.join() !== x.dims.join())
      verdict.wrong.push(`${output} by ${name}: ${found.type} [${found.dims}] instead of ${x.type} [${x.dims}]`);
    else {
      const type = worseOf(result.type as Real, x.type as Real);
      const least = 1e-3 * norm(cotangent);
      // A point that had to stay on its ties moves along them.
      const isTied = point === given;
      const probe: Probe = { x, found: numbers(found), least, type, draw: isTied ? once(next) : next, isTied };
      const problem = await difference(probe, (moved) => score({ [name]: moved }));
      if (problem) verdict.wrong.push(`${output} by ${name}: ${problem}`);
      else verdict.right += 1;
    }
  }
}

/** That what is recorded as without a derivative has none: the output stays as it is where the input moves a little. */
async function flat(verdict: Verdict, plain: ort.InferenceSession, given: Feeds, { output, wrt }: Pairs) {
  const next = normal(11);
  for (const name of wrt) {
    const point = await nudged(plain, given, { output, wrt: [name] }, next);
    const before = numbers((await plain.run(point))[output]!);
    const x = point[name]!;
    const moved = numbers(x).map((value) => value + 1e-6 * next());
    // Scales and the like may not be moved at all.
    const results = await plain
      .run({ ...point, [name]: tensorOf(x.type as Real, moved, x.dims) })
      .catch(() => undefined);
    const after = results && numbers(results[output]!);
    if (!after || before.every((value, index) => Object.is(value, after[index]))) verdict.none += 1;
    else verdict.wrong.push(`${output} by ${name}: has a derivative that is not recorded`);
  }
}

async function prepared(model: Model, point: Feeds, { output, wrt }: Pairs, cotangent: ort.Tensor) {
  const bytes = writeModel(prepare(model, { scores: output, wrt }));
  const session = await ort.InferenceSession.create(bytes, { logSeverityLevel: 4 });
  const names = new Set(session.inputNames);
  const feeds = Object.fromEntries(Object.entries(point).filter(([name]) => names.has(name)));
  const results = await session.run({ ...feeds, [`cotangent/${output}`]: cotangent });
  await session.release();
  return results;
}

interface Probe {
  readonly x: ort.Tensor;
  readonly found: readonly number[];
  /** The least norm that a gradient counts as having. */
  readonly least: number;
  readonly type: Real;
  /** A random number for an element. */
  readonly draw: (value: number) => number;
  /** Whether elements that are equal have to stay so. */
  readonly isTied: boolean;
}

/** The same random number for the same element each time. */
function once(next: () => number): (value: number) => number {
  const drawn = new Map<number, number>();
  return (value) => {
    const known = drawn.get(value) ?? next();
    drawn.set(value, known);
    return known;
  };
}

/** What is wrong with a gradient, if anything. */
async function difference(
  { x, found, least, type, draw, isTied }: Probe,
  score: (moved: ort.Tensor) => Promise<number>,
): Promise<string | undefined> {
  if (x.size === 0) return undefined;
  const at = numbers(x);
  // An infinite slope at the end of a domain is PyTorch's, and nothing that a difference shows; nor is there one at infinity.
  const gradient = found.map((value, index) => (Number.isFinite(value) && Number.isFinite(at[index]) ? value : 0));
  const slopes = gradient.map(Math.abs).filter((slope) => slope > 0);
  const usual = slopes.sort((a, b) => a - b)[Math.floor(slopes.length / 2)] ?? 1;
  // Steep elements move less, so that none leaves its domain.
  const care = (slope: number) => (isTied ? 1 : Math.max(1, (slope / usual) ** 2));
  const direction = gradient.map((slope, index) =>
    Number.isFinite(found[index]) && Number.isFinite(at[index]) ? draw(at[index]!) / care(slope) : 0,
  );
  const along = dot(gradient, direction);
  const finite = at.filter(Number.isFinite);
  const size = Math.max(1, norm(finite) / Math.sqrt(finite.length || 1));
  const { steps, tolerance } = accuracy[type];
  const scale = Math.max(norm(gradient.map((value, index) => value * direction[index]!)), least, 1e-30);
  const quotients: number[] = [];
  for (const step of steps) {
    const moved = (sign: number) =>
      tensorOf(
        x.type as Real,
        at.map((value, index) => value + sign * step * size * direction[index]!),
        x.dims,
      );
    const quotient = ((await score(moved(1))) - (await score(moved(-1)))) / (2 * step * size);
    if (Math.abs(quotient - along) <= tolerance * scale) return undefined;
    quotients.push(quotient);
  }
  return `differences give ${quotients.map((value) => value.toPrecision(6)).join(', ')}, the gradient ${along.toPrecision(6)}`;
}

function worseOf(a: Real, b: Real): Real {
  return (['float16', 'float32', 'float64'] as const).find((type) => type === a || type === b)!;
}

/** A point beside the given one, where that leaves the shape of the output, and the elements that are no numbers, as they are. */
async function nudged(
  plain: ort.InferenceSession,
  given: Feeds,
  { output, wrt }: Pairs,
  next: () => number,
): Promise<Feeds> {
  const shape = (result: ort.Tensor) => `${result.dims}|${numbers(result).map(Number.isFinite)}`;
  const before = shape((await plain.run(given))[output]!);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const moved = wrt.map((name) => {
      const x = given[name]!;
      return [
        name,
        tensorOf(
          x.type as Real,
          numbers(x).map((value) => value + NUDGE * next()),
          x.dims,
        ),
      ] as const;
    });
    const point = { ...given, ...Object.fromEntries(moved) };
    const after = await plain.run(point).catch(() => undefined);
    if (after && shape(after[output]!) === before) return point;
  }
  return given;
}
