// Where finite differences cannot see: which of several equal elements a maximum's gradient goes to. PyTorch's convention, by brute force.
import { differentiate, parseModel, writeModel } from '@saywhy/autodiff';
import { expect } from 'chai';
import * as ort from 'onnxruntime-node';
import { type Attribute, buildModel } from '../../../support/model.js';
import { random } from '../../../support/random.js';

interface Pool {
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly dilations?: readonly [number, number];
  readonly pads?: readonly [number, number, number, number];
  readonly ceil_mode?: number;
}
type Attributes = Readonly<Record<string, Attribute | undefined>>;

/** Runs the gradient of a pool of one picture. The cotangent is 1, 2, 3, ...: it shows which window each part came from. */
async function gradient(op: string, opset: number, x: Float32Array, shape: readonly number[], attributes: Attributes) {
  const bytes = buildModel({
    opset,
    inputs: [{ name: 'X', shape }],
    outputs: [{ name: 'Y' }],
    nodes: [{ op, inputs: ['X'], outputs: ['Y'], attributes }],
  });
  const X = new ort.Tensor('float32', x, shape);
  const forward = await ort.InferenceSession.create(bytes, { logSeverityLevel: 3 });
  const { dims } = (await forward.run({ X })).Y!;
  const cotangent = Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, index) => index + 1);
  const joined = writeModel(differentiate(parseModel(bytes), { of: 'Y', wrt: ['X'] }));
  const session = await ort.InferenceSession.create(joined, { logSeverityLevel: 3 });
  const results = await session.run({ X, 'cotangent/Y': new ort.Tensor('float32', cotangent, dims) });
  await forward.release();
  await session.release();
  return { data: [...(results['gradient/X']!.data as Float32Array)], dims };
}

/** Each window's cotangent to its first largest element, row by row. */
function bruteForce(x: Float32Array, [height, width]: readonly [number, number], pool: Pool, dims: readonly number[]) {
  const { kernel, strides, dilations = [1, 1], pads = [0, 0, 0, 0] } = pool;
  const result = new Array<number>(x.length).fill(0);
  const [channels, rows, columns] = dims.slice(1) as [number, number, number];
  for (let c = 0; c < channels; c++)
    for (let p = 0; p < rows; p++)
      for (let q = 0; q < columns; q++) {
        let best = -1;
        for (let i = 0; i < kernel[0]; i++)
          for (let j = 0; j < kernel[1]; j++) {
            const row = p * strides[0] - pads[0] + i * dilations[0];
            const column = q * strides[1] - pads[1] + j * dilations[1];
            if (row < 0 || row >= height || column < 0 || column >= width) continue;
            const at = (c * height + row) * width + column;
            if (best < 0 || x[at]! > x[best]!) best = at;
          }
        result[best]! += (c * rows + p) * columns + q + 1;
      }
  return result;
}

const pools: Record<string, Pool> = {
  '2x2, stride 2': { kernel: [2, 2], strides: [2, 2] },
  '3x3, stride 2, padded': { kernel: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] },
  '3x2, stride 1, padded': { kernel: [3, 2], strides: [1, 1], pads: [1, 1, 1, 0] },
  '5x5, stride 1, padded': { kernel: [5, 5], strides: [1, 1], pads: [2, 2, 2, 2] },
  'stride 3 above the kernel': { kernel: [2, 2], strides: [3, 3] },
  'dilation 2, stride 3': { kernel: [2, 3], strides: [3, 3], dilations: [2, 2] },
  ceil_mode: { kernel: [3, 3], strides: [2, 2], ceil_mode: 1 },
  'all of space': { kernel: [6, 8], strides: [1, 1] },
};

describe('ties in maximum pools', () => {
  for (const opset of [7, 10, 13, 23])
    for (const [title, pool] of Object.entries(pools)) {
      if (opset < 10 && (pool.dilations || pool.ceil_mode)) continue;
      it(`the first of equal elements: ${title}, opset ${opset}`, async () => {
        const next = random(3);
        // Three values only, zero the largest and most frequent in one channel: what a ReLU leaves.
        const x = Float32Array.from({ length: 3 * 6 * 8 }, (_, index) => -Math.floor(next() * (index < 48 ? 1.2 : 3)));
        const { data, dims } = await gradient('MaxPool', opset, x, [1, 3, 6, 8], {
          kernel_shape: [...pool.kernel],
          strides: [...pool.strides],
          dilations: pool.dilations,
          pads: pool.pads,
          ceil_mode: pool.ceil_mode,
        });
        expect(data).to.deep.equal(bruteForce(x, [6, 8], pool, dims));
      });
    }
  it('as torch.nn.functional.max_pool2d, in numbers', async () => {
    const x = Float32Array.from([1, 1, 1, 1, 1, 1, 0, 2, 2]);
    const { data } = await gradient('MaxPool', 13, x, [1, 1, 3, 3], { kernel_shape: [2, 2] });
    expect(data).to.deep.equal([1, 2, 0, 0, 0, 0, 0, 7, 0]);
  });
  it('infinite and very low elements', async () => {
    const x = Float32Array.from([-1e38, -3e38, Number.POSITIVE_INFINITY, -3.4e38]);
    const pads = [1, 1, 1, 1];
    const { data } = await gradient('MaxPool', 13, x, [1, 1, 2, 2], { kernel_shape: [2, 2], strides: [2, 2], pads });
    expect(data).to.deep.equal([1, 2, 3, 4]);
  });
  for (const opset of [7, 13])
    it(`GlobalMaxPool of many elements, opset ${opset}`, async () => {
      const x = new Float32Array(2 * 40 * 40).fill(-1);
      for (const at of [700, 701, 1599, 1600, 3199]) x[at] = 1;
      const { data } = await gradient('GlobalMaxPool', opset, x, [1, 2, 40, 40], {});
      expect(data.flatMap((value, index) => (value === 0 ? [] : [[index, value]]))).to.deep.equal([
        [700, 1],
        [1600, 2],
      ]);
    });
  for (const opset of [7, 13, 23])
    it(`GlobalMaxPool: the first of equal elements, as adaptive_max_pool2d, opset ${opset}`, async () => {
      const x = Float32Array.from([0, 3, 3, 1, 5, 5, 5, 5, -1, -2, -1, -1]);
      const { data } = await gradient('GlobalMaxPool', opset, x, [1, 3, 2, 2], {});
      expect(data).to.deep.equal([0, 1, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0]);
    });
});
