import { differentiate, parseModel, writeModel } from '@saywhy/autodiff';
import { expect } from 'chai';
import * as ort from 'onnxruntime-node';
import { type Case, check } from '../../../support/check-linear.js';
import type { InputSpec } from '../../../support/gradient-check.js';
import { gradientsOf } from '../../../support/gradients.js';
import { type Attribute, buildModel, floats, integers } from '../../../support/model.js';
import { normal } from '../../../support/random.js';
import { roiAlignGradient } from '../../../support/roi-reference.js';

const X: InputSpec = { shape: [2, 3, 6, 7] };
const open = { ...X, declared: ['n', 'c', 'h', 'w'] };
const single = { shape: [1, 3, 6, 7] };
/** Inside, over the borders, flat, and turned inside out. */
const boxes = [
  [1.2, 1.1, 5.3, 4.6],
  [-3, -2, 12, 9],
  [2.3, 0.2, 2.5, 5.1],
  [4.1, 4.2, 3.3, 3.1],
];
const rois = floats('rois', [4, 4], boxes.flat());
const batch = integers('batch', [4], [0, 1, 1, 0]);

function align(attributes: Readonly<Record<string, Attribute | undefined>>, input = X): Case {
  return {
    op: 'RoiAlign',
    inputs: { X: input },
    order: ['X', 'rois', 'batch'],
    initializers: [rois, batch],
    attributes: { output_height: 3, output_width: 2, spatial_scale: { float: 0.9 }, ...attributes },
  };
}

describe('gradient of RoiAlign, average', () => {
  for (const sampling_ratio of [0, 1, 2, 3]) {
    check(`sampling_ratio ${sampling_ratio}`, [10, 13], align({ sampling_ratio }));
    for (const coordinate_transformation_mode of ['half_pixel', 'output_half_pixel'])
      check(
        `sampling_ratio ${sampling_ratio}, ${coordinate_transformation_mode}`,
        [16, 18, 21],
        align({ sampling_ratio, coordinate_transformation_mode }),
      );
  }
  check('of sizes settled at run time', [10, 16], align({}, open));
  check('of one picture', [10, 16], {
    ...align({}, single),
    initializers: [rois, integers('batch', [4], [0, 0, 0, 0])],
  });
  check('of regions computed at run time', [10, 16], {
    ...align({}),
    inputs: {
      X,
      boxes: { shape: [4, 4], values: boxes.flat(), declared: ['r', 4], fixed: true },
    },
    order: ['X', 'boxes', 'batch'],
  });
  it('in float64, whose regions are float64 too', async () => {
    const cast = (from: string, name: string, to: number) => ({
      op: 'Cast',
      inputs: [from],
      outputs: [name],
      attributes: { to },
    });
    const { op, attributes, order, ...test } = align({ sampling_ratio: 2 });
    const values = Array.from({ length: 2 * 3 * 6 * 7 }, normal(3));
    const [expected, found] = await Promise.all([
      gradientsOf({ op, attributes, order, ...test, opset: 16, inputs: { X: { ...X, values } } }),
      gradientsOf({
        ...test,
        opset: 16,
        nodes: [
          cast('X', 'x', 11),
          cast('rois', 'regions', 11),
          { op: op!, inputs: ['x', 'regions', 'batch'], outputs: ['y'], attributes },
          cast('y', 'Y', 1),
        ],
        inputs: { X: { ...X, values } },
      }),
    ]);
    for (const [index, value] of expected.X!.entries()) expect(found.X![index]).to.be.closeTo(value, 1e-5);
  });
  it('of no regions is 0', async () => {
    const { X: gradient } = await gradientsOf({
      ...align({}),
      opset: 16,
      inputs: { X: { shape: [1, 1, 2, 2], values: [1, 2, 3, 4] } },
      initializers: [floats('rois', [0, 4], []), integers('batch', [0], [])],
    });
    expect(gradient).to.deep.equal([0, 0, 0, 0]);
  });
});

describe('gradient of RoiAlign, max', () => {
  for (const opset of [10, 16, 21])
    for (const ratio of [0, 1, 2, 3])
      for (const isHalf of opset < 16 ? [false] : [false, true])
        for (const symbolic of [false, true])
          it(`sampling_ratio ${ratio}, half_pixel ${isHalf}, symbolic ${symbolic}, opset ${opset}`, async () => {
            const next = normal(5);
            const mode = isHalf ? 'half_pixel' : 'output_half_pixel';
            const test = align({
              mode: 'max',
              sampling_ratio: ratio,
              coordinate_transformation_mode: opset < 16 ? undefined : mode,
            });
            const bytes = buildModel({
              opset,
              inputs: [{ name: 'X', shape: symbolic ? ['n', 'c', 'h', 'w'] : X.shape }],
              outputs: [{ name: 'Y' }],
              nodes: [{ op: 'RoiAlign', inputs: test.order!, outputs: ['Y'], attributes: test.attributes! }],
              initializers: test.initializers!,
            });
            const joined = writeModel(differentiate(parseModel(bytes), { of: 'Y', wrt: ['X'] }));
            const session = await ort.InferenceSession.create(joined, { logSeverityLevel: 3 });
            const x = Float32Array.from({ length: 2 * 3 * 6 * 7 }, () => next());
            const g = Float32Array.from({ length: 4 * 3 * 3 * 2 }, () => next());
            const results = await session.run({
              X: new ort.Tensor('float32', x, X.shape),
              'cotangent/Y': new ort.Tensor('float32', g, [4, 3, 3, 2]),
            });
            await session.release();
            const expected = roiAlignGradient(
              {
                shape: [2, 3, 6, 7],
                boxes,
                pictures: [0, 1, 1, 0],
                output: [3, 2],
                scale: Math.fround(0.9),
                ratio,
                isHalf,
                mode: 'max',
              },
              x,
              g,
            );
            const found = results['gradient/X']!.data as Float32Array;
            expected.forEach((value, index) => {
              expect(found[index], `element ${index}`).to.be.closeTo(value, 1e-5);
            });
          });
});

describe('gradient of MaxRoiPool', () => {
  /** Values that are all half a unit or more apart: the steps of the differences change no maximum. */
  const apart = (shape: readonly number[]): InputSpec => {
    const count = shape.reduce((product, size) => product * size, 1);
    return { shape, values: Array.from({ length: count }, (_, index) => ((index * 101) % count) / 2 - 30) };
  };
  const regions = [
    [0, 1, 1, 5, 4],
    [1, -3, -2, 12, 9],
    [1, 2.4, 0.2, 2.6, 5.1],
    [0, 4, 4, 3, 3],
    [0, 9, 9, 12, 12],
  ];
  const pool = (attributes: Readonly<Record<string, Attribute>>, input: InputSpec): Case => ({
    op: 'MaxRoiPool',
    inputs: { X: input },
    order: ['X', 'rois'],
    initializers: [floats('rois', [5, 5], regions.flat())],
    attributes: { pooled_shape: [3, 2], ...attributes },
    tolerance: 1e-3,
  });
  const x = apart([2, 2, 6, 7]);
  const scaled = { spatial_scale: { float: 0.75 } };
  check('plain', [7, 11, 16, 21], pool({}, x));
  check('scaled', [7, 13, 21], pool(scaled, x));
  check('of sizes settled at run time', [11, 16], pool(scaled, { ...x, declared: ['n', 'c', 'h', 'w'] }));
  it('of equal elements: the first', async () => {
    const { X: gradient } = await gradientsOf({
      op: 'MaxRoiPool',
      opset: 13,
      attributes: { pooled_shape: [1, 1] },
      inputs: { X: { shape: [1, 1, 2, 3], values: [0, 5, 5, 5, 1, 5] } },
      order: ['X', 'rois'],
      initializers: [floats('rois', [1, 5], [0, 0, 0, 2, 1])],
    });
    expect(gradient).to.deep.equal([0, 1, 0, 0, 0, 0]);
  });
});
