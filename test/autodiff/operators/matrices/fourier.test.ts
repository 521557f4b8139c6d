import { differentiate, inferTensors, parseModel } from '@saywhy/autodiff';
import { expect } from 'chai';
import { check } from '../../../support/check-linear.js';
import { checkGradients } from '../../../support/gradient-check.js';
import { buildModel, integers } from '../../../support/model.js';

const scalar = (name: string, value: number) => integers(name, [], [value]);

/** Whole, forward and inverse; half a spectrum; the way back from it. */
const kinds: readonly [what: string, since: number, inverse: number, onesided: number, parts: readonly number[]][] = [
  ['forward', 17, 0, 0, [1, 2]],
  ['inverse', 17, 1, 0, [2]],
  ['to half a spectrum', 17, 0, 1, [1]],
  ['from half a spectrum', 20, 1, 1, [2]],
];

describe('gradient of DFT', () => {
  // From half a spectrum onnxruntime 1.30 is right only where it has as many bins as the length asks for.
  for (const [what, since, inverse, onesided, parts] of kinds)
    for (const part of parts)
      for (const length of [undefined, ...(what === 'from half a spectrum' ? [10, 11] : [4, 5, 8, 9])])
        for (const declared of [undefined, ['n', 'm', part]])
          check(
            `${what}, ${part === 1 ? 'real' : 'complex'}, length ${length ?? 'left out'}${declared ? ', sizes settled at run time' : ''}`,
            since === 17 ? [17, 20] : [20, 24],
            (opset) => ({
              op: 'DFT',
              inputs: { X: { shape: [2, 6, part], declared } },
              attributes: { inverse, onesided, ...(opset < 20 && { axis: 1 }) },
              order: length === undefined ? ['X'] : ['X', 'length'],
              initializers: length === undefined ? [] : [scalar('length', length)],
              tolerance: 1e-3,
            }),
          );
  for (const axis of [0, 1, -3])
    check(`axis ${axis}`, [17, 20], (opset) => ({
      op: 'DFT',
      inputs: { X: { shape: [3, 4, 2, 1] } },
      attributes: opset < 20 ? { axis } : {},
      order: opset < 20 ? ['X'] : ['X', '', 'axis'],
      initializers: opset < 20 ? [] : [scalar('axis', axis)],
      tolerance: 1e-3,
    }));
  it('is refused along an axis that is computed at run time', () => {
    const bytes = buildModel({
      opset: 20,
      inputs: [
        { name: 'X', shape: [2, 3, 1] },
        { name: 'axis', shape: [], type: 'int64' },
      ],
      outputs: [{ name: 'Y' }],
      nodes: [{ op: 'DFT', inputs: ['X', '', 'axis'], outputs: ['Y'] }],
    });
    expect(() => differentiate(parseModel(bytes), { of: 'Y', wrt: ['X'] }))
      .to.throw('its axis is computed at run time')
      .with.property('code', 'no-rule');
  });
});

describe('gradients of STFT', () => {
  for (const opset of [17, 24])
    for (const onesided of [0, 1])
      for (const [what, order] of [
        ['window', ['signal', 'step', 'window']],
        ['window and length', ['signal', 'step', 'window', 'length']],
        ['length', ['signal', 'step', '', 'length']],
      ] as const)
        for (const declared of [undefined, ['n', 'm', 1]])
          it(`signal and window, ${what}, onesided ${onesided}, opset ${opset}${declared ? ', sizes settled at run time' : ''}`, () =>
            checkGradients({
              op: 'STFT',
              opset,
              inputs: {
                signal: { shape: [2, 17, 1], declared },
                ...(what !== 'length' && { window: { shape: [6] } }),
              },
              attributes: { onesided },
              order,
              initializers: [scalar('step', 3), scalar('length', 6)].filter(({ name }) =>
                order.some((used) => used === name),
              ),
              tolerance: 1e-3,
            }));
});

describe('shapes of spectra', () => {
  const shapeOf = (
    attributes: Readonly<Record<string, number>>,
    shape: readonly (number | string)[],
    length?: number,
  ) =>
    inferTensors(
      parseModel(
        buildModel({
          opset: 20,
          inputs: [{ name: 'X', shape }],
          outputs: [{ name: 'Y' }],
          nodes: [{ op: 'DFT', inputs: ['X', ...(length ? ['length'] : [])], outputs: ['Y'], attributes }],
          initializers: length ? [scalar('length', length)] : [],
        }),
      ),
    ).get('Y')!.shape;
  it('are those that the operator gives', () => {
    expect(shapeOf({}, ['n', 5, 1])).to.deep.equal(['n', 5, 2]);
    expect(shapeOf({ onesided: 1 }, [2, 5, 1])).to.deep.equal([2, 3, 2]);
    expect(shapeOf({ onesided: 1 }, [2, 5, 1], 8)).to.deep.equal([2, 5, 2]);
    expect(shapeOf({ onesided: 1, inverse: 1 }, [2, 5, 2])).to.deep.equal([2, 8, 1]);
    expect(shapeOf({ onesided: 1, inverse: 1 }, [2, 5, 2], 9)).to.deep.equal([2, 9, 1]);
  });
});
