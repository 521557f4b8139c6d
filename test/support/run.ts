import { type Model, writeModel } from '@saywhy/autodiff';
import * as ort from 'onnxruntime-node';

export interface Feed {
  readonly data: readonly number[] | Float32Array;
  readonly shape: readonly number[];
  readonly type?: 'float32' | 'float64' | 'bool' | 'int64';
}
export interface Result {
  readonly data: readonly number[];
  readonly shape: readonly number[];
}

/** A vector as a feed. */
export function vector(...data: number[]): Feed {
  return { data, shape: [data.length] };
}

function tensorOf({ data, shape, type = 'float32' }: Feed): ort.Tensor {
  if (type === 'bool') return new ort.Tensor('bool', Uint8Array.from(data), shape);
  if (type === 'int64') return new ort.Tensor('int64', BigInt64Array.from([...data].map(BigInt)), shape);
  if (type === 'float64') return new ort.Tensor('float64', Float64Array.from(data), shape);
  return new ort.Tensor('float32', Float32Array.from(data), shape);
}

/** A model in ONNX Runtime, to be run often. */
export async function load(model: Model | Uint8Array, options: ort.InferenceSession.SessionOptions = {}) {
  const bytes = model instanceof Uint8Array ? model : writeModel(model);
  const session = await ort.InferenceSession.create(bytes, { logSeverityLevel: 3, ...options });
  return {
    async run(feeds: Readonly<Record<string, Feed>>): Promise<Record<string, Result>> {
      const results = await session.run(
        Object.fromEntries(Object.entries(feeds).map(([name, feed]) => [name, tensorOf(feed)])),
      );
      return Object.fromEntries(
        Object.entries(results).map(([name, { data, dims }]) => [
          name,
          { data: Array.from(data as Iterable<number | bigint>, Number), shape: dims },
        ]),
      );
    },
    release: () => session.release(),
  };
}

/** Runs a model once. */
export async function run(
  model: Model | Uint8Array,
  feeds: Readonly<Record<string, Feed>>,
): Promise<Record<string, Result>> {
  const session = await load(model);
  try {
    return await session.run(feeds);
  } finally {
    await session.release();
  }
}
