// A fuzzer: real models with other bytes, and with other parts, by seed. Every case must end as a model or as a typed error, soon and without memory that only
// the file's claims ask for; and what onnxruntime loads, it must load with its gradients too.
import { readdirSync, readFileSync } from 'node:fs';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { parseModel, requiredInputs, writeModel } from '@saywhy/autodiff';
import { ModelProtoSchema } from 'onnx-buf';
import { type Attempt, attemptAll, cpuTime } from './attempt.js';
import { modelOf } from './call-models.js';
import { mutateBytes, mutateModel } from './mutations.js';
import { operatorCalls } from './operator-calls.js';
import { OrtLoader } from './ort-loader.js';
import { random } from './random.js';

export interface FuzzOptions {
  readonly from: number;
  readonly count: number;
  /** One model in so many that end well is loaded in onnxruntime. */
  readonly loadOne: number;
  readonly onProgress?: (done: number, failures: readonly string[]) => void;
}

export interface FuzzReport {
  /** How many cases ended with each code. */
  readonly codes: ReadonlyMap<string, number>;
  /** What no case may do: an error without a code, more than a second, a model that onnxruntime no longer loads. */
  readonly failures: readonly string[];
  /** Errors that nobody foresaw, though typed, by their text: the seed of one case each. */
  readonly unforeseen: ReadonlyMap<string, number>;
  /** CPU time of the slowest case, in milliseconds, and its seed. */
  readonly slowest: { readonly time: number; readonly seed: number };
  /** Largest growth of the resident memory, in bytes. */
  readonly growth: number;
  /** How many models onnxruntime loaded as they were, and with their gradients. */
  readonly loaded: number;
}

const LONGEST = 1000;
const LARGEST_TENSOR = 2 ** 31;

const nets = new URL('../fixtures/nets/', import.meta.url);

/** Networks of every family from both exporters, and one model for every call of an operator. */
export function originals(): Uint8Array[] {
  const files = readdirSync(nets).filter((name) => name.endsWith('.onnx'));
  const calls = Object.entries(operatorCalls).flatMap(([op, list]) =>
    list.flatMap((call, index) => {
      const model =
        modelOf(op, call, 21, index % 2 === 1) ?? modelOf(op, call, 23, false) ?? modelOf(op, call, 9, false);
      return model ? [writeModel(model)] : [];
    }),
  );
  // Networks come first, and as often as all the operators' calls together.
  const networks = files.map((name) => new Uint8Array(readFileSync(new URL(name, nets))));
  return [...calls.map((_, index) => networks[index % networks.length]!), ...calls];
}

/** The case of a seed. */
export function fuzzCase(models: readonly Uint8Array[], seed: number): Uint8Array {
  const next = random(seed);
  const pick = () => models[Math.floor(next() * models.length)]!;
  const bytes = pick();
  if (next() < 0.4) return mutateBytes(bytes, next);
  return toBinary(
    ModelProtoSchema,
    mutateModel(fromBinary(ModelProtoSchema, bytes), next, () => fromBinary(ModelProtoSchema, pick())),
  );
}

export async function fuzz(options: FuzzOptions): Promise<FuzzReport> {
  const loader = new OrtLoader();
  try {
    return await fuzzWith(loader, options);
  } finally {
    loader.stop();
  }
}

async function fuzzWith(loader: OrtLoader, { from, count, loadOne, onProgress }: FuzzOptions): Promise<FuzzReport> {
  const models = originals();
  const codes = new Map<string, number>();
  const unforeseen = new Map<string, number>();
  const failures: string[] = [];
  let slowest = { time: 0, seed: 0 };
  let [growth, loaded, fine] = [0, 0, 0];
  const before = process.memoryUsage().rss;
  for (let seed = from; seed < from + count; seed++) {
    const bytes = fuzzCase(models, seed);
    let result: Attempt = { code: 'untyped' };
    const time = cpuTime(() => {
      try {
        result = attemptAll(bytes);
      } catch (error) {
        failures.push(`seed ${seed}: ${told(error)}`);
      }
    });
    if (time > slowest.time) slowest = { time, seed };
    if (time > LONGEST) failures.push(`seed ${seed}: took ${Math.round(time)} ms`);
    codes.set(result.code, (codes.get(result.code) ?? 0) + 1);
    const reason = /^([\w.]+).* cannot be understood \((.*?)\)/.exec(result.message ?? '');
    if (reason && !unforeseen.has(`${reason[1]}: ${reason[2]}`)) unforeseen.set(`${reason[1]}: ${reason[2]}`, seed);
    growth = Math.max(growth, process.memoryUsage().rss - before);
    if (result.joined && hasRealSizes(bytes) && fine++ % loadOne === 0) {
      const error = await loadError(loader, bytes, result.joined);
      if (error !== 'refused') loaded++;
      if (error && error !== 'refused')
        failures.push(`seed ${seed}: onnxruntime loads the model, but not with its gradients: ${error}`);
    }
    if ((seed - from + 1) % 1000 === 0) onProgress?.(seed - from + 1, failures);
  }
  return { codes, failures, unforeseen, slowest, growth, loaded };
}

function told(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause ? `${error.stack}\n  because: ${error.cause}` : String(error.stack);
}

/** Why onnxruntime does not load a model with its gradients; `refused` where it does not load it without either. */
async function loadError(loader: OrtLoader, bytes: Uint8Array, joined: Uint8Array): Promise<string | undefined> {
  if ((await loader.load(bytes)) !== undefined) return 'refused';
  const error = await loader.load(joined);
  if (error === undefined) return undefined;
  // Shapes that contradict one another onnxruntime overlooks until something depends on them: what the file declares, and what no run could get past.
  const isMislabelled = (await loader.load(undeclared(joined))) === undefined;
  return isMislabelled || (await loader.run(bytes)) !== undefined ? 'refused' : error;
}

/** Whether every input could be fed: a model for tensors of 2^62 elements loads, until something is computed from their sizes. */
function hasRealSizes(bytes: Uint8Array): boolean {
  return requiredInputs(parseModel(bytes).graph).every(({ shape = [] }) => {
    const sizes = shape.map((size) => (typeof size === 'number' ? size : 1));
    return sizes.every((size) => size >= 0) && sizes.reduce((product, size) => product * size, 1) < LARGEST_TENSOR;
  });
}

/** A model without what it says of the tensors within it; as it is, where only the engine can still read it. */
function undeclared(bytes: Uint8Array): Uint8Array {
  try {
    const model = fromBinary(ModelProtoSchema, bytes);
    model.graph!.valueInfo = [];
    return toBinary(ModelProtoSchema, model);
  } catch {
    return bytes;
  }
}
