// Loads and runs models in onnxruntime on behalf of another process: what is wrong with them can take the process down.
import * as ort from 'onnxruntime-node';

export interface OrtRequest {
  readonly bytes: Uint8Array;
  /** Whether it is to run as well, on zeros; sizes settled at run time are 1. */
  readonly runs: boolean;
}

const LARGEST_INPUT = 2 ** 24;

const arrays = {
  float32: Float32Array,
  float64: Float64Array,
  int64: BigInt64Array,
  int32: Int32Array,
  uint8: Uint8Array,
  int8: Int8Array,
  bool: Uint8Array,
} as const;

function zeros(session: ort.InferenceSession): Record<string, ort.Tensor> {
  return Object.fromEntries(
    session.inputMetadata.map((input) => {
      if (!input.isTensor || !(input.type in arrays)) throw new Error(`no zeros for "${input.name}"`);
      const shape = input.shape.map((size) => (typeof size === 'number' ? size : 1));
      const count = shape.reduce((product, size) => product * size, 1);
      if (count > LARGEST_INPUT) throw new Error(`"${input.name}" is too large`);
      const type = input.type as keyof typeof arrays;
      return [input.name, new ort.Tensor(type, new arrays[type](count) as Float32Array, shape)];
    }),
  );
}

process.on('message', async ({ bytes, runs }: OrtRequest) => {
  try {
    // Some optimised kernels compute with channels that do not fit together; the plain ones say so.
    const graphOptimizationLevel = runs ? 'disabled' : 'all';
    const options = { logSeverityLevel: 4, intraOpNumThreads: 1, graphOptimizationLevel } as const;
    const session = await ort.InferenceSession.create(bytes, options);
    if (runs) await session.run(zeros(session));
    await session.release();
    process.send!('');
  } catch (error) {
    process.send!(error instanceof Error ? error.message : String(error));
  }
});
