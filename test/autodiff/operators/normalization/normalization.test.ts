import { differentiate, extract, parseModel, writeModel } from '@saywhy/autodiff';
import { expect } from 'chai';
import * as ort from 'onnxruntime-node';
import { checkGradients, type InputSpec } from '../../../support/gradient-check.js';
import { gradientsOf } from '../../../support/gradients.js';
import { buildModel, floats } from '../../../support/model.js';
import { checkSecondOrder } from '../../../support/second-order.js';
import { throwsCode } from '../../../support/throws-code.js';

const positive = (value: number) => Math.abs(value) + 0.5;
/** The same input with a size that is settled at run time. */
const dynamic = (input: InputSpec): InputSpec => ({ ...input, declared: input.shape.map((_, axis) => `d${axis}`) });
const epsilon = { float: 0.1 };

describe('gradients of BatchNormalization', () => {
  const parameters = {
    scale: { shape: [3] },
    B: { shape: [3] },
    mean: { shape: [3] },
    var: { shape: [3], map: positive },
  };
  for (const opset of [7, 8, 9, 13, 14, 15, 23])
    for (const shape of [
      [2, 3, 4, 5],
      [2, 3, 4],
      [4, 3],
    ])
      it(`opset ${opset}, [${shape}], data and every parameter`, () =>
        checkGradients({
          op: 'BatchNormalization',
          opset,
          attributes: { epsilon },
          inputs: { X: { shape }, ...parameters },
        }));
  it('sizes settled at run time', () =>
    checkGradients({
      op: 'BatchNormalization',
      opset: 15,
      inputs: { X: { shape: [2, 3, 4, 5], declared: ['n', 3, 'h', 'w'] }, ...parameters },
    }));

  const refused = (opset: number, attributes: Record<string, number>, outputs: string[]) => {
    const names = ['X', 'scale', 'B', 'mean', 'var'];
    const bytes = buildModel({
      opset,
      inputs: names.map((name) => ({ name, shape: name === 'X' ? [2, 3, 4] : [3] })),
      outputs: [{ name: 'Y' }],
      nodes: [{ op: 'BatchNormalization', inputs: names, outputs, attributes }],
    });
    return () => differentiate(parseModel(bytes), { of: 'Y', wrt: ['X'] });
  };
  it('refuses training mode', () => {
    expect(refused(15, { training_mode: 1 }, ['Y', 'm', 'v']))
      .to.throw(/model\.eval\(\)/)
      .with.property('code', 'no-rule');
    expect(refused(9, {}, ['Y', 'm', 'v', 'sm', 'sv'])).to.throw(/training mode/);
    expect(refused(7, { spatial: 0 }, ['Y'])).to.throw(/spatial = 0/);
  });
});

describe('gradients of LayerNormalization', () => {
  for (const opset of [17, 23])
    for (const axis of [undefined, -1, 2, 1, -2, 0]) {
      const from = axis === undefined ? 2 : (axis + 3) % 3;
      const parameter = { shape: [2, 3, 4].slice(from) };
      it(`opset ${opset}, axis ${axis}, data, scale and bias`, () =>
        checkGradients({
          op: 'LayerNormalization',
          opset,
          attributes: { axis, epsilon },
          inputs: { X: { shape: [2, 3, 4] }, Scale: parameter, B: parameter },
        }));
    }
  it('without a bias', () =>
    checkGradients({
      op: 'LayerNormalization',
      opset: 17,
      inputs: { X: { shape: [2, 3, 8] }, Scale: { shape: [8] } },
    }));
  it('sizes settled at run time', () =>
    checkGradients({
      op: 'LayerNormalization',
      opset: 17,
      inputs: { X: dynamic({ shape: [2, 3, 8] }), Scale: { shape: [8], declared: ['d2'] } },
    }));
  for (const of of ['Mean', 'InvStdDev'])
    it(`through the output ${of}`, () =>
      checkGradients({
        op: 'LayerNormalization',
        opset: 17,
        attributes: { axis: 1, epsilon },
        outputs: ['Y', 'Mean', 'InvStdDev'],
        of,
        order: ['X', 'Scale'],
        initializers: [
          floats(
            'Scale',
            [3, 4],
            Array.from({ length: 12 }, (_, index) => index / 6),
          ),
        ],
        inputs: { X: { shape: [2, 3, 4] } },
      }));
  it('through every output at once', () =>
    checkGradients({
      opset: 17,
      nodes: [
        {
          op: 'LayerNormalization',
          inputs: ['X', 'Scale'],
          outputs: ['normal', 'mean', 'inverse'],
          attributes: { epsilon },
        },
        { op: 'Mul', inputs: ['normal', 'mean'], outputs: ['product'] },
        { op: 'Add', inputs: ['product', 'inverse'], outputs: ['Y'] },
      ],
      inputs: { X: { shape: [2, 3, 4] }, Scale: { shape: [4] } },
    }));
  it('second derivative', () =>
    checkSecondOrder({
      op: 'LayerNormalization',
      opset: 17,
      shape: [3, 5],
      initializers: [floats('scale', [5], [1, -0.5, 2, 1.5, 0.3])],
    }));
});

describe('gradients of RMSNormalization', () => {
  for (const axis of [undefined, 1])
    it(`axis ${axis}`, () =>
      checkGradients({
        op: 'RMSNormalization',
        opset: 23,
        attributes: { axis, epsilon },
        inputs: { X: { shape: [2, 3, 4] }, scale: { shape: axis ? [3, 4] : [4] } },
      }));
});

describe('gradients of InstanceNormalization', () => {
  for (const opset of [7, 21, 22, 23])
    for (const shape of [
      [2, 3, 4, 5],
      [2, 3, 7],
    ])
      it(`opset ${opset}, [${shape}], data, scale and bias`, () =>
        checkGradients({
          op: 'InstanceNormalization',
          opset,
          attributes: { epsilon },
          inputs: { X: { shape }, scale: { shape: [3] }, B: { shape: [3] } },
        }));
  it('sizes settled at run time', () =>
    checkGradients({
      op: 'InstanceNormalization',
      opset: 13,
      inputs: { X: { shape: [2, 3, 4, 5], declared: ['n', 'c', 'h', 'w'] }, scale: { shape: [3] }, B: { shape: [3] } },
    }));
});

describe('gradients of GroupNormalization', () => {
  for (const opset of [18, 20, 21, 23])
    for (const groups of [1, 2, 4]) {
      const parameter = { shape: [opset < 21 ? groups : 4] };
      it(`opset ${opset}, ${groups} groups, data, scale and bias`, () =>
        checkGradients({
          op: 'GroupNormalization',
          opset,
          attributes: { num_groups: groups, epsilon },
          inputs: { X: { shape: [2, 4, 3, 2] }, scale: parameter, bias: parameter },
        }));
    }
  for (const opset of [18, 21])
    it(`opset ${opset}, sizes settled at run time, epsilon by default`, () =>
      checkGradients({
        op: 'GroupNormalization',
        opset,
        attributes: { num_groups: 2 },
        inputs: {
          X: { shape: [2, 4, 3, 2], declared: ['n', 4, 'h', 'w'] },
          scale: { shape: [opset < 21 ? 2 : 4] },
          bias: { shape: [opset < 21 ? 2 : 4] },
        },
      }));
});

describe('gradients of LRN', () => {
  for (const opset of [7, 13, 23])
    for (const size of [1, 3, 5])
      it(`opset ${opset}, size ${size}`, () =>
        checkGradients({
          op: 'LRN',
          opset,
          attributes: { size, alpha: { float: 0.5 }, beta: { float: 0.75 }, bias: { float: 1.5 } },
          inputs: { X: { shape: [2, 6, 3, 2] } },
        }));
  it('with its defaults, sizes settled at run time', () =>
    checkGradients({
      op: 'LRN',
      opset: 13,
      attributes: { size: 5 },
      inputs: { X: dynamic({ shape: [2, 6, 3, 2] }) },
    }));
});

describe('gradient of LRN over an even number of channels, which onnxruntime does not run', () => {
  const attributes = { size: 4, alpha: 0.5, beta: 0.75, bias: 1.5 };
  /** ONNX's definition: from floor((size - 1) / 2) channels before to ceil((size - 1) / 2) behind. */
  const lrn = (x: readonly number[]) =>
    x.map((value, c) => {
      const window = x.slice(Math.max(0, c - 1), c + 3);
      const squares = window.reduce((sum, other) => sum + other * other, 0);
      return value / (attributes.bias + (attributes.alpha / attributes.size) * squares) ** attributes.beta;
    });
  it('agrees with differences of its definition', async () => {
    const shape = [1, 6, 1, 1];
    const { size, ...numbers } = attributes;
    const bytes = buildModel({
      opset: 13,
      inputs: [{ name: 'X', shape }],
      outputs: [{ name: 'Y' }],
      nodes: [
        {
          op: 'LRN',
          inputs: ['X'],
          outputs: ['Y'],
          attributes: {
            size,
            ...Object.fromEntries(Object.entries(numbers).map(([name, float]) => [name, { float }])),
          },
        },
      ],
    });
    const joined = differentiate(parseModel(bytes), { of: 'Y', wrt: ['X'] });
    const backward = extract(joined, { inputs: ['X', 'Y', 'cotangent/Y'], outputs: ['gradient/X'] });
    const session = await ort.InferenceSession.create(writeModel(backward), { logSeverityLevel: 3 });
    const x = [0.5, -1, 2, 1.5, -0.7, 0.3];
    const g = [1, -2, 0.5, 3, 1, -1];
    const tensor = (values: readonly number[]) => new ort.Tensor('float32', Float32Array.from(values), shape);
    const results = await session.run({ X: tensor(x), Y: tensor(lrn(x)), 'cotangent/Y': tensor(g) });
    const gradient = results['gradient/X']!.data as Float32Array;
    const score = (values: readonly number[]) => lrn(values).reduce((sum, value, c) => sum + value * g[c]!, 0);
    x.forEach((_, c) => {
      const moved = (step: number) => score(x.map((value, other) => (other === c ? value + step : value)));
      expect(gradient[c]).to.be.closeTo((moved(1e-4) - moved(-1e-4)) / 2e-4, 1e-5);
    });
    await session.release();
  });
});

describe('gradients of MeanVarianceNormalization', () => {
  for (const opset of [9, 13, 24])
    for (const [axes, shape] of [
      [undefined, [2, 3, 2, 4]],
      [[1], [2, 5]],
      [
        [0, 1],
        [2, 5],
      ],
      ...(opset < 13 ? [] : ([[[-1], [2, 5, 3]]] as const)),
      [[0], [6]],
    ] as const)
      it(`opset ${opset}, axes ${axes ?? 'left out'}, [${shape}]`, async () => {
        const test = { op: 'MeanVarianceNormalization', opset, attributes: { axes }, step: 0.01, tolerance: 2e-3 };
        await checkGradients({ ...test, inputs: { X: { shape } } });
        await checkGradients({ ...test, inputs: { X: dynamic({ shape }) } });
      });
  it('second derivative', () =>
    checkSecondOrder({ op: 'MeanVarianceNormalization', opset: 13, attributes: { axes: [1] }, shape: [3, 5] }));
});

describe('gradients of LpNormalization', () => {
  for (const opset of [7, 21, 22])
    for (const p of [undefined, 1, 2])
      for (const axis of [undefined, 0, 1, -2])
        for (const declared of [undefined, ['n', 'm', 'k']])
          it(`opset ${opset}, p ${p}, axis ${axis}${declared ? ', sizes settled at run time' : ''}`, () =>
            checkGradients({
              op: 'LpNormalization',
              opset,
              attributes: { p, axis },
              inputs: { X: { shape: [2, 3, 4], declared, map: (value) => value + Math.sign(value) * 0.3 } },
            }));
  it('of another norm is refused', () => {
    const nodes = [{ op: 'LpNormalization', inputs: ['X'], outputs: ['Y'], attributes: { p: 3 } }];
    const bytes = buildModel({ opset: 17, inputs: [{ name: 'X', shape: [2] }], outputs: [{ name: 'Y' }], nodes });
    const { message } = throwsCode(() => differentiate(parseModel(bytes), { of: 'Y', wrt: ['X'] }), 'no-rule');
    expect(message).to.include('its p is 3');
  });
  it('of zeros: as if their norm were 1', async () => {
    expect(await gradientsOf({ op: 'LpNormalization', inputs: { X: [0, 0] } })).to.deep.equal({ X: [1, 1] });
  });
});
