import { expect } from 'chai';
import { type Case, check as checkLinear } from '../../../support/check-linear.js';
import { checkGradients, type InputSpec } from '../../../support/gradient-check.js';
import { loweringError } from '../../../support/lowered.js';
import { type Attribute, floats, integers } from '../../../support/model.js';
import { normal } from '../../../support/random.js';
import { checkSecondOrder } from '../../../support/second-order.js';

type Attributes = Readonly<Record<string, Attribute>>;
interface Setting {
  readonly mode: 'linear' | 'nearest' | 'cubic';
  readonly padding_mode: string;
  readonly align_corners: number;
}

const settings: Setting[] = (['linear', 'nearest', 'cubic'] as const).flatMap((mode) =>
  ['zeros', 'border', 'reflection'].flatMap((padding_mode) =>
    [0, 1].map((align_corners) => ({ mode, padding_mode, align_corners })),
  ),
);
const titleOf = ({ mode, padding_mode, align_corners }: Setting) =>
  `${mode}, ${padding_mode}, align_corners ${align_corners}`;

/** Two modes had other names before opset 20. */
const named = (setting: Setting, opset: number): Attributes => ({
  ...setting,
  mode: opset >= 20 || setting.mode === 'nearest' ? setting.mode : setting.mode === 'linear' ? 'bilinear' : 'bicubic',
});

/** A grid of positions from two elements before the first to two after the last, none of them near a whole or a half one. */
function gridOver(space: readonly number[], samples: readonly number[], aligned: boolean): InputSpec {
  return {
    shape: [2, ...samples, space.length],
    map: (value, index) => {
      const size = space.at(-1 - (index % space.length))!;
      const position = (Math.floor(Math.abs(1000 * value)) % (size + 4)) - 2 + 0.25 + 0.1 * Math.abs(Math.sin(value));
      return aligned ? (2 * position) / (size - 1) - 1 : (2 * position + 1) / size - 1;
    },
  };
}

function sampled(setting: Setting, opset: number, space: readonly number[], samples: readonly number[]): Case {
  return {
    op: 'GridSample',
    inputs: { X: { shape: [2, 3, ...space] }, grid: gridOver(space, samples, setting.align_corners === 1) },
    attributes: named(setting, opset),
    tolerance: 2e-3,
    step: 0.004,
  };
}

describe('gradient of GridSample', () => {
  for (const setting of settings) {
    for (const opset of [16, 20, 22, 24])
      it(`${titleOf(setting)}, opset ${opset}`, () =>
        checkGradients({ ...sampled(setting, opset, [4, 5], [3, 4]), opset }));
    // onnxruntime has cubic in two dimensions only.
    if (setting.mode === 'cubic') continue;
    for (const opset of [20, 22])
      it(`${titleOf(setting)}, volumes, opset ${opset}`, () =>
        checkGradients({ ...sampled(setting, opset, [4, 5, 3], [2, 3, 2]), opset }));
  }
  for (const setting of settings.filter((_, index) => index % 4 === 0))
    it(`${titleOf(setting)}, sizes settled at run time`, () => {
      const test = sampled(setting, 20, [4, 5], [3, 4]);
      const inputs = {
        X: { ...test.inputs.X!, declared: ['n', 'c', 'h', 'w'] },
        grid: { ...test.inputs.grid!, declared: ['n', 'p', 'q', 2] },
      };
      return checkGradients({ ...test, inputs, opset: 20 });
    });
  for (const mode of ['linear', 'cubic'] as const)
    it(`of the grid has a derivative itself, ${mode}`, () =>
      checkSecondOrder({
        op: 'GridSample',
        opset: 20,
        attributes: named({ mode, padding_mode: 'zeros', align_corners: 0 }, 20),
        leading: [
          floats(
            'picture',
            [1, 2, 3, 4],
            Array.from({ length: 24 }, (_, index) => Math.sin(5 * index)),
          ),
        ],
        shape: [1, 2, 2, 2],
        map: (value) => 0.45 + 0.03 * Math.sin(value),
      }));
});

describe('what GridSample is lowered to', () => {
  const next = normal(4);
  const random = (shape: readonly number[], scale = 1) => ({
    shape,
    values: Array.from({ length: shape.reduce((product, size) => product * size, 1) }, () => scale * next()),
  });
  for (const setting of settings)
    it(`gives what it gives: ${titleOf(setting)}`, async () => {
      const spaces =
        setting.mode === 'cubic'
          ? [[4, 5]]
          : [
              [4, 5],
              [3, 4, 2],
            ];
      // Sizes of one element have no length with align_corners.
      for (const space of [...spaces, [1, 4], [1, 1]]) {
        const inputs = {
          X: random([2, 2, ...space]),
          grid: random([2, ...space.map((_, axis) => (axis === 0 ? 40 : 5)), space.length], 1.5),
        };
        expect(
          await loweringError({ op: 'GridSample', opset: 20, attributes: named(setting, 20), inputs }),
        ).to.be.below(2e-5);
      }
    });
  it('reads no element outside, where positions are infinite or no numbers', async () => {
    for (const padding_mode of ['zeros', 'border', 'reflection'])
      for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e30])
        await loweringError({
          op: 'GridSample',
          opset: 20,
          attributes: { padding_mode },
          inputs: { X: random([1, 1, 3, 3]), grid: { shape: [1, 1, 2, 2], values: [value, 0, 0, value] } },
        });
  });
});

describe('gradient of AffineGrid', () => {
  for (const [dimensions, size] of [
    [2, [2, 3, 4, 5]],
    [3, [2, 3, 2, 4, 5]],
  ] as const)
    for (const align_corners of [0, 1]) {
      const theta = { shape: [2, dimensions, dimensions + 1] };
      const test: Case = {
        op: 'AffineGrid',
        inputs: { theta },
        order: ['theta', 'size'],
        attributes: { align_corners },
        initializers: [integers('size', [size.length], size)],
      };
      checkLinear(`${dimensions} dimensions, align_corners ${align_corners}`, [20, 23], test);
      checkLinear(`${dimensions} dimensions, align_corners ${align_corners}, one element along an axis`, [20], {
        ...test,
        initializers: [integers('size', [size.length], [...size.slice(0, 3), 1, ...size.slice(4)])],
      });
      checkLinear(`${dimensions} dimensions, align_corners ${align_corners}, a size computed at run time`, [20], {
        inputs: {
          theta: { ...theta, declared: ['n', dimensions, dimensions + 1] },
          Z: { shape: size, declared: size.map((_, axis) => `z${axis}`), fixed: true },
        },
        nodes: [
          { op: 'Shape', inputs: ['Z'], outputs: ['size'] },
          { op: 'AffineGrid', inputs: ['theta', 'size'], outputs: ['Y'], attributes: { align_corners } },
        ],
      });
    }
  it('reaches the transform through the picture that it samples', () =>
    checkGradients({
      opset: 20,
      nodes: [
        { op: 'AffineGrid', inputs: ['theta', 'size'], outputs: ['grid'] },
        { op: 'GridSample', inputs: ['X', 'grid'], outputs: ['Y'] },
      ],
      inputs: {
        X: { shape: [1, 2, 4, 5] },
        theta: { shape: [1, 2, 3], values: [0.71, 0.13, 0.07, -0.17, 0.67, 0.03] },
      },
      initializers: [integers('size', [4], [1, 2, 3, 3])],
      step: 0.001,
      tolerance: 3e-3,
    }));
});
