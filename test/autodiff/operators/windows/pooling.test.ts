// Pools against finite differences, at distinct values (ties are in pooling-ties.test.ts). Tolerance 1e-3 of the gradient's norm.
import { checkGradients, type GradientCase, type InputSpec } from '../../../support/gradient-check.js';
import { random } from '../../../support/random.js';

const tolerance = 1e-3;
type Attributes = NonNullable<GradientCase['attributes']>;

/** Values that are all half a unit or more apart: the steps of the differences change no maximum. */
function distinct(shape: readonly number[], declared?: InputSpec['declared']): InputSpec {
  const next = random(7);
  const values = Array.from({ length: shape.reduce((count, size) => count * size, 1) }, (_, index) => index / 2 - 20);
  const keys = values.map(() => next());
  const order = [...keys.keys()].sort((a, b) => keys[a]! - keys[b]!);
  return { shape, values: order.map((index) => values[index]!), ...(declared && { declared }) };
}

/** Settings of a window with the size that it slides over; those from `since` on are in no older operator set. */
interface Setting {
  readonly since?: number;
  readonly shape: readonly number[];
  readonly attributes: Attributes;
}

const windows: Record<string, Setting> = {
  'stride as the kernel': { shape: [2, 2, 4, 6], attributes: { kernel_shape: [2, 3], strides: [2, 3] } },
  'stride as the kernel, a remainder': { shape: [1, 2, 5, 8], attributes: { kernel_shape: [2, 3], strides: [2, 3] } },
  overlap: { shape: [2, 3, 7, 6], attributes: { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] } },
  'stride 1': { shape: [1, 2, 5, 5], attributes: { kernel_shape: [3, 2], pads: [1, 1, 1, 0] } },
  'stride 1, large window': { shape: [1, 2, 4, 4], attributes: { kernel_shape: [5, 5], pads: [2, 2, 2, 2] } },
  'asymmetric padding': {
    shape: [1, 2, 6, 7],
    attributes: { kernel_shape: [3, 4], strides: [2, 3], pads: [0, 2, 1, 1] },
  },
  'strides that differ': { shape: [1, 2, 4, 7], attributes: { kernel_shape: [2, 3], strides: [1, 2] } },
  'stride larger than the kernel': { shape: [1, 2, 8, 9], attributes: { kernel_shape: [2, 1], strides: [3, 4] } },
  'one axis only': { shape: [1, 2, 4, 6], attributes: { kernel_shape: [1, 3], strides: [1, 2] } },
  'one dimension': { shape: [2, 3, 9], attributes: { kernel_shape: [4], strides: [3], pads: [1, 2] } },
  'three dimensions': {
    shape: [1, 2, 4, 5, 3],
    attributes: { kernel_shape: [2, 3, 2], strides: [2, 2, 1], pads: [0, 1, 1, 0, 1, 0] },
  },
  'all of space': { shape: [2, 2, 3, 4], attributes: { kernel_shape: [3, 4] } },
  SAME_UPPER: { shape: [1, 2, 6, 7], attributes: { kernel_shape: [3, 4], strides: [2, 3], auto_pad: 'SAME_UPPER' } },
  SAME_LOWER: { shape: [1, 2, 6, 7], attributes: { kernel_shape: [3, 4], strides: [2, 3], auto_pad: 'SAME_LOWER' } },
  VALID: { shape: [1, 2, 6, 7], attributes: { kernel_shape: [3, 4], strides: [2, 3], auto_pad: 'VALID' } },
  ceil_mode: { since: 10, shape: [1, 2, 6, 8], attributes: { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1 } },
  'ceil_mode and padding': {
    since: 10,
    shape: [1, 2, 6, 5],
    attributes: { kernel_shape: [3, 2], strides: [2, 2], pads: [1, 1, 1, 0], ceil_mode: 1 },
  },
  'ceil_mode, a window that would begin in the padding': {
    since: 10,
    shape: [1, 2, 5, 4],
    attributes: { kernel_shape: [2, 3], strides: [3, 3], pads: [1, 1, 1, 1], ceil_mode: 1 },
  },
};
const dilated: Record<string, Setting> = {
  dilation: { shape: [1, 2, 7, 8], attributes: { kernel_shape: [3, 2], dilations: [2, 3], pads: [1, 0, 1, 1] } },
  'dilation and stride': {
    shape: [1, 2, 9, 8],
    attributes: { kernel_shape: [2, 3], dilations: [2, 3], strides: [2, 2] },
  },
  'dilation, stride and ceil_mode': {
    shape: [1, 2, 9, 8],
    attributes: { kernel_shape: [2, 3], dilations: [2, 2], strides: [3, 3], ceil_mode: 1 },
  },
};
const atRunTime: Record<string, Setting> = {
  overlap: windows.overlap!,
  'stride 1': windows['stride 1']!,
  'stride larger than the kernel': windows['stride larger than the kernel']!,
  SAME_UPPER: windows.SAME_UPPER!,
  SAME_LOWER: windows.SAME_LOWER!,
  'ceil_mode and padding': windows['ceil_mode and padding']!,
  'ceil_mode, a window that would begin in the padding':
    windows['ceil_mode, a window that would begin in the padding']!,
};

function pool(op: string, opset: number, { shape, attributes }: Setting, declared?: InputSpec['declared']) {
  const X = op.includes('Max') ? distinct(shape, declared) : { shape, ...(declared && { declared }) };
  return checkGradients({ op, opset, tolerance, attributes, inputs: { X } });
}

describe('gradients of MaxPool', () => {
  for (const opset of [7, 10, 12, 22, 23]) {
    for (const [title, setting] of Object.entries(windows))
      if (opset >= (setting.since ?? 7)) it(`${title}, opset ${opset}`, () => pool('MaxPool', opset, setting));
    for (const [title, setting] of Object.entries(dilated))
      if (opset >= 10) it(`${title}, opset ${opset}`, () => pool('MaxPool', opset, setting));
  }
  for (const opset of [11, 13, 23])
    for (const [title, setting] of Object.entries(atRunTime))
      it(`sizes settled at run time: ${title}, opset ${opset}`, () =>
        pool('MaxPool', opset, setting, ['n', 'c', 'h', 'w']));
  it('a batch settled at run time, opset 7', () =>
    pool('MaxPool', 7, windows.overlap!, ['n', ...windows.overlap!.shape.slice(1)]));
  it('beside its indices', () =>
    checkGradients({
      op: 'MaxPool',
      opset: 12,
      tolerance,
      attributes: { kernel_shape: [2, 2], strides: [1, 2], storage_order: 1 },
      outputs: ['Y', 'Indices'],
      inputs: { X: distinct([1, 2, 4, 4]) },
    }));
});

describe('gradients of AveragePool', () => {
  for (const count_include_pad of [0, 1]) {
    const counted = (setting: Setting): Setting => ({
      ...setting,
      attributes: { ...setting.attributes, count_include_pad },
    });
    for (const opset of [7, 10, 11, 19, 22]) {
      for (const [title, setting] of Object.entries(windows))
        if (opset >= (setting.since ?? 7))
          it(`${title}, count_include_pad ${count_include_pad}, opset ${opset}`, () =>
            pool('AveragePool', opset, counted(setting)));
      for (const [title, setting] of Object.entries(dilated))
        if (opset >= 19)
          it(`${title}, count_include_pad ${count_include_pad}, opset ${opset}`, () =>
            pool('AveragePool', opset, counted(setting)));
    }
    for (const opset of [11, 13, 23])
      for (const [title, setting] of Object.entries(atRunTime))
        it(`sizes settled at run time: ${title}, count_include_pad ${count_include_pad}, opset ${opset}`, () =>
          pool('AveragePool', opset, counted(setting), ['n', 'c', 'h', 'w']));
  }
});

describe('gradients of global pools', () => {
  for (const op of ['GlobalAveragePool', 'GlobalMaxPool'])
    for (const shape of [
      [2, 3, 5],
      [2, 3, 4, 5],
      [1, 2, 2, 3, 4],
    ]) {
      for (const opset of [7, 13, 22, 23])
        it(`${op} of ${shape}, opset ${opset}`, () => pool(op, opset, { shape, attributes: {} }));
      for (const opset of [11, 23])
        it(`${op} of ${shape}, sizes settled at run time, opset ${opset}`, () =>
          pool(
            op,
            opset,
            { shape, attributes: {} },
            shape.map((_, axis) => `d${axis}`),
          ));
    }
});
