// Deformable convolution against differences, and against the operator itself for the lowering's forward.
import { expect } from 'chai';
import { checkGradients, type GradientCase } from '../../../support/gradient-check.js';
import { loweringError } from '../../../support/lowered.js';
import { normal } from '../../../support/random.js';

interface Setting {
  readonly group?: number;
  readonly offset_group?: number;
  readonly strides?: readonly number[];
  readonly pads?: readonly number[];
  readonly dilations?: readonly number[];
  readonly kernel?: readonly [number, number];
  readonly without?: readonly ('B' | 'mask')[];
  readonly open?: boolean;
}

const size = [5, 6] as const;

/** Offsets between whole numbers, so that no position is at a kink. */
const between = (value: number) => Math.max(-2, Math.min(2, Math.round(value))) + 0.3 + 0.1 * Math.sin(7 * value);

function deform(setting: Setting): Omit<GradientCase, 'opset'> {
  const { group = 1, offset_group = 1, strides = [1, 1], pads = [0, 0, 0, 0], dilations = [1, 1] } = setting;
  const { kernel = [3, 2], without = [], open = false } = setting;
  const out = size.map((length, axis) => {
    const reach = dilations[axis]! * (kernel[axis]! - 1) + 1;
    return Math.floor((length + pads[axis]! + pads[axis + 2]! - reach) / strides[axis]!) + 1;
  });
  const area = kernel[0] * kernel[1];
  const declared = (names: string[]) => (open ? { declared: names } : {});
  const all = {
    X: { shape: [2, 4, ...size], ...declared(['n', 'c', 'h', 'w']) },
    W: { shape: [6, 4 / group, ...kernel] },
    offset: { shape: [2, offset_group * area * 2, ...out], map: between, ...declared(['n', 'd', 'p', 'q']) },
    B: { shape: [6] },
    mask: { shape: [2, offset_group * area, ...out], ...declared(['n', 'e', 'p', 'q']) },
  };
  const given = Object.entries(all).filter(([name]) => !without.includes(name as 'B'));
  const order = Object.keys(all).map((name) => (without.includes(name as 'B') ? '' : name));
  const last = order.findLastIndex((name) => name !== '');
  return {
    op: 'DeformConv',
    inputs: Object.fromEntries(given),
    order: order.slice(0, last + 1),
    attributes: { group, offset_group, strides, pads, dilations, kernel_shape: kernel },
  };
}

const settings: Readonly<Record<string, Setting>> = {
  plain: {},
  'without bias and mask': { without: ['B', 'mask'] },
  'without a bias': { without: ['B'] },
  'without a mask': { without: ['mask'] },
  groups: { group: 2 },
  'offset groups': { offset_group: 2 },
  'groups and offset groups': { group: 2, offset_group: 4, pads: [1, 0, 1, 2] },
  strides: { strides: [2, 1], pads: [1, 1, 1, 1] },
  dilations: { dilations: [1, 2], pads: [0, 1, 2, 1], offset_group: 2 },
  'a window of one element': { kernel: [1, 1] },
  'sizes settled at run time': { open: true, group: 2, offset_group: 2, pads: [1, 1, 1, 1] },
};

describe('gradient of DeformConv', () => {
  for (const [title, setting] of Object.entries(settings))
    for (const opset of [19, 22])
      it(`${title}, opset ${opset}`, () => checkGradients({ ...deform(setting), opset, tolerance: 2e-3 }));

  it('is that of a lowering which gives what the operator gives, at whole positions and outside too', async () => {
    const next = normal(2);
    const random = (shape: readonly number[], f = (value: number) => value) => ({
      shape,
      values: Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => f(next())),
    });
    const offsets = (value: number) => (value > 0 ? 4 * value : Math.round(4 * value));
    const error = await loweringError({
      op: 'DeformConv',
      opset: 22,
      attributes: { group: 2, offset_group: 2, strides: [2, 1], pads: [1, 1, 1, 1] },
      inputs: {
        X: random([2, 4, 5, 6]),
        W: random([6, 2, 3, 3]),
        offset: random([2, 36, 3, 6], offsets),
        B: random([6]),
        mask: random([2, 18, 3, 6]),
      },
    });
    expect(error).to.be.below(1e-5);
  });
});
