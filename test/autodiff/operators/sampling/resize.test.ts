import { differentiate, parseModel } from '@saywhy/autodiff';
import { expect } from 'chai';
import { type Case, check } from '../../../support/check-linear.js';
import { checkGradients, type InputSpec } from '../../../support/gradient-check.js';
import { type Attribute, buildModel, floats, integers } from '../../../support/model.js';

type Attributes = Readonly<Record<string, Attribute>>;

/** Resize by scales, or by sizes (from opset 11). */
function resize(
  X: InputSpec,
  by: { scales?: readonly number[]; sizes?: readonly number[] },
  attributes: Attributes = {},
) {
  return (opset: number): Case => {
    const roi = attributes.coordinate_transformation_mode === 'tf_crop_and_resize' ? 'roi' : '';
    const list = by.scales
      ? floats('scales', [by.scales.length], by.scales)
      : integers('sizes', [by.sizes!.length], by.sizes!);
    // Opset 11 requires roi and scales, empty where they are not used.
    const empty = opset === 11 ? ['none', 'none'] : ['', ''];
    const order =
      opset < 11
        ? ['X', 'scales']
        : by.scales
          ? ['X', roi || empty[0]!, 'scales']
          : ['X', roi || empty[0]!, empty[1]!, 'sizes'];
    return {
      op: 'Resize',
      inputs: { X },
      order,
      attributes,
      initializers: [list, floats('none', [0], []), floats('roi', [8], [0, 0, 0.2, -0.1, 1, 1, 0.9, 1.15])],
    };
  };
}

const opsets = [10, 11, 13, 18, 19, 23];
const X = { shape: [1, 2, 5, 4] };
const coordinates = [
  'half_pixel',
  'pytorch_half_pixel',
  'align_corners',
  'asymmetric',
  'tf_half_pixel_for_nn',
  'tf_crop_and_resize',
  'half_pixel_symmetric',
];
/** One came with 19, one was deprecated at 13. */
const firstOpset = (mode: string) => (mode === 'half_pixel_symmetric' ? 19 : mode === 'tf_half_pixel_for_nn' ? 11 : 13);

describe('gradient of Resize, nearest', () => {
  check('a whole-number scale', opsets, resize(X, { scales: [1, 1, 2, 3] }));
  check(
    'a whole-number scale, floor',
    [11, 13, 19],
    resize(
      X,
      { scales: [1, 1, 2, 2] },
      { mode: 'nearest', nearest_mode: 'floor', coordinate_transformation_mode: 'asymmetric' },
    ),
  );
  check('up by a fraction', opsets, resize(X, { scales: [1, 1, 1.6, 2.3] }));
  check('down', opsets, resize(X, { scales: [1, 1, 0.6, 0.5] }));
  check('sizes', [11, 13, 18, 19, 23], resize(X, { sizes: [1, 2, 10, 7] }));
  check('batch and channels too', [10, 13, 19], resize({ shape: [2, 3, 4] }, { scales: [2, 3, 2] }));
  for (const mode of coordinates)
    for (const nearest_mode of ['round_prefer_floor', 'round_prefer_ceil', 'floor', 'ceil'])
      for (const scales of [
        [1, 1, 2, 2],
        [1, 1, 1.7, 0.75],
      ])
        check(
          `${mode}, ${nearest_mode}, scales ${scales}`,
          [firstOpset(mode)],
          resize(X, { scales }, { mode: 'nearest', nearest_mode, coordinate_transformation_mode: mode }),
        );
  check(
    'a whole-number scale of sizes settled at run time',
    [11, 13, 18],
    resize({ shape: [2, 3, 5, 4], declared: ['n', 'c', 'h', 'w'] }, { scales: [1, 1, 2, 3] }),
  );
  it('a whole-number scale of sizes settled at run time, opset 10', () =>
    checkGradients({
      ...resize({ shape: [2, 3, 5, 4], declared: ['n', 'c', 'h', 'w'] }, { scales: [1, 1, 2, 3] })(10),
      opset: 10,
      tolerance: 2e-4,
    }));
  check('repeating one axis of a matrix', [13], resize({ shape: [3, 4], declared: ['n', 'm'] }, { scales: [1, 2] }));
});

describe('gradient of Resize, linear and cubic', () => {
  for (const mode of ['linear', 'cubic']) {
    const from = mode === 'cubic' ? opsets.slice(1) : opsets;
    check(`${mode}, up`, from, resize(X, { scales: [1, 1, 2, 1.7] }, { mode }));
    check(`${mode}, down`, from, resize(X, { scales: [1, 1, 0.6, 0.5] }, { mode }));
    check(`${mode}, sizes`, [11, 13, 18, 23], resize(X, { sizes: [1, 2, 9, 3] }, { mode }));
    for (const coordinate of coordinates)
      check(
        `${mode}, ${coordinate}`,
        [firstOpset(coordinate)],
        resize(X, { scales: [1, 1, 1.7, 0.8] }, { mode, coordinate_transformation_mode: coordinate }),
      );
    check(
      `${mode}, to one pixel`,
      [13],
      resize(X, { sizes: [1, 2, 1, 1] }, { mode, coordinate_transformation_mode: 'pytorch_half_pixel' }),
    );
    for (const exclude_outside of [0, 1])
      check(
        `${mode}, antialias, exclude_outside ${exclude_outside}`,
        [18, 23],
        resize({ shape: [1, 2, 9, 8] }, { sizes: [1, 2, 4, 11] }, { mode, antialias: 1, exclude_outside }),
      );
  }
  check(
    'linear, batch settled at run time',
    opsets,
    resize({ shape: [2, 3, 4, 5], declared: ['n', 3, 4, 5] }, { scales: [1, 1, 2, 2] }, { mode: 'linear' }),
  );
  check(
    'linear, volumes',
    [10, 13, 19],
    resize({ shape: [1, 2, 3, 2, 4] }, { scales: [1, 1, 2, 2, 1.5] }, { mode: 'linear' }),
  );
  check('linear, one axis', [13], resize({ shape: [2, 3] }, { scales: [1, 2] }, { mode: 'linear' }));
  check(
    'linear, channels last',
    [13, 18],
    resize({ shape: [1, 4, 5, 3] }, { scales: [1, 2, 1.5, 1] }, { mode: 'linear' }),
  );
  check(
    'cubic, exclude_outside',
    [11, 18],
    resize(X, { scales: [1, 1, 1.5, 0.7] }, { mode: 'cubic', exclude_outside: 1 }),
  );
  check(
    'cubic, another coefficient',
    [13],
    resize(X, { scales: [1, 1, 1.5, 2] }, { mode: 'cubic', cubic_coeff_a: { float: -0.5 } }),
  );
  check('named axes', [18, 19, 23], resize(X, { sizes: [8, 7] }, { mode: 'linear', axes: [2, 3] }));
  for (const keep_aspect_ratio_policy of ['not_larger', 'not_smaller'])
    check(
      keep_aspect_ratio_policy,
      [18, 23],
      resize(X, { sizes: [8, 7] }, { mode: 'linear', axes: [2, 3], keep_aspect_ratio_policy }),
    );
});

describe('gradient of Upsample', () => {
  for (const mode of ['nearest', 'linear'])
    check(mode, [7, 8, 9], (opset) => ({
      op: 'Upsample',
      inputs: { X },
      attributes: { mode, ...(opset < 9 && { scales: { floats: [1, 1, 2, 1.5] } }) },
      order: opset < 9 ? ['X'] : ['X', 'scales'],
      initializers: opset < 9 ? [] : [floats('scales', [4], [1, 1, 2, 1.5])],
    }));
});

describe('gradient of Resize of sizes settled at run time', () => {
  const open = { shape: [1, 2, 5, 4], declared: ['n', 'c', 'h', 'w'] };
  for (const mode of ['nearest', 'linear'])
    for (const coordinate of coordinates.slice(0, 4)) {
      const attributes = { mode, coordinate_transformation_mode: coordinate };
      check(`${mode}, ${coordinate}, scales`, [11, 18], resize(open, { scales: [1, 1, 1.7, 0.8] }, attributes));
      check(`${mode}, ${coordinate}, sizes`, [13, 23], resize(open, { sizes: [1, 2, 9, 1] }, attributes));
    }
  for (const nearest_mode of ['round_prefer_ceil', 'floor', 'ceil'])
    check(`nearest, ${nearest_mode}`, [13], resize(open, { sizes: [1, 2, 9, 3] }, { mode: 'nearest', nearest_mode }));
  check('linear, to the size of another tensor', [11, 13, 18], (opset) => ({
    inputs: { X: open, Z: { shape: [3, 8, 6], declared: ['a', 'b', 'c'], fixed: true } },
    nodes: [
      { op: 'Shape', inputs: ['X'], outputs: ['from'] },
      { op: 'Shape', inputs: ['Z'], outputs: ['to'] },
      { op: 'Gather', inputs: ['from', 'first'], outputs: ['kept'] },
      { op: 'Gather', inputs: ['to', 'last'], outputs: ['wanted'] },
      { op: 'Concat', inputs: ['kept', 'wanted'], outputs: ['sizes'], attributes: { axis: 0 } },
      {
        op: 'Resize',
        inputs: ['X', opset < 13 ? 'none' : '', opset < 13 ? 'none' : '', 'sizes'],
        outputs: ['Y'],
        attributes: { mode: 'linear', coordinate_transformation_mode: 'pytorch_half_pixel' },
      },
    ],
    initializers: [integers('first', [2], [0, 1]), integers('last', [2], [1, 2]), floats('none', [0], [])],
  }));
});

/** What is computed at run time: sizes of the input, the list of scales or sizes, the region. */
describe('gradient of Resize, all of it settled at run time', () => {
  const open = { shape: [1, 2, 5, 4], declared: ['n', 'c', 'h', 'w'] };
  /** Scales, sizes and regions that the graph computes, so that nothing is known of them. */
  function computed(
    by: { scales?: readonly number[]; sizes?: readonly number[]; roi?: readonly number[] },
    attributes: Attributes,
    X: InputSpec = open,
  ) {
    return (opset: number): Case => {
      const list = (name: string, values: readonly number[] | undefined): [string, InputSpec][] =>
        values ? [[`${name}0`, { shape: [values.length], values, fixed: true }]] : [];
      const type = 7;
      const none = opset === 11 ? 'none' : '';
      const used = [by.roi ? 'roi' : none, by.scales ? 'scales' : none, ...(by.sizes ? ['sizes'] : [])];
      return {
        inputs: {
          X,
          ...Object.fromEntries([...list('scales', by.scales), ...list('sizes', by.sizes), ...list('roi', by.roi)]),
        },
        nodes: [
          ...(by.sizes ? [{ op: 'Cast', inputs: ['sizes0'], outputs: ['sizes'], attributes: { to: type } }] : []),
          ...(by.scales ? [{ op: 'Identity', inputs: ['scales0'], outputs: ['scales'] }] : []),
          ...(by.roi ? [{ op: 'Identity', inputs: ['roi0'], outputs: ['roi'] }] : []),
          { op: 'Resize', inputs: opset < 11 ? ['X', 'scales'] : ['X', ...used], outputs: ['Y'], attributes },
        ],
        initializers: [floats('none', [0], [])],
        tolerance: 1e-3,
      };
    };
  }

  for (const mode of ['nearest', 'linear', 'cubic'])
    for (const coordinate of coordinates) {
      const attributes = { mode, coordinate_transformation_mode: coordinate };
      const roi = coordinate === 'tf_crop_and_resize' ? { roi: [0, 0, 0.2, -0.1, 1, 1, 0.9, 1.15] } : {};
      const from = firstOpset(coordinate);
      check(`${mode}, ${coordinate}, scales`, [from], computed({ scales: [1, 1, 1.7, 0.8], ...roi }, attributes));
      check(`${mode}, ${coordinate}, sizes`, [23], computed({ sizes: [1, 2, 3, 9], ...roi }, attributes));
      for (const [title, by] of Object.entries({
        'to one pixel and the same size': { sizes: [1, 2, 5, 1], ...roi },
        'a scale of 1': { scales: [1, 1, 1, 1.3], ...roi },
      }))
        it(`${mode}, ${coordinate}, ${title}`, () =>
          checkGradients({ ...computed(by, attributes)(from), opset: from }));
    }
  for (const nearest_mode of ['round_prefer_ceil', 'floor', 'ceil'])
    check(
      `nearest, ${nearest_mode}`,
      [11, 19],
      computed({ scales: [1, 1, 1.6, 0.7] }, { mode: 'nearest', nearest_mode }),
    );
  for (const mode of ['linear', 'cubic'])
    for (const exclude_outside of [0, 1]) {
      check(
        `${mode}, antialias, exclude_outside ${exclude_outside}`,
        [18, 23],
        computed({ sizes: [1, 2, 4, 11] }, { mode, antialias: 1, exclude_outside }, { ...open, shape: [1, 2, 9, 8] }),
      );
      check(
        `${mode}, antialias, exclude_outside ${exclude_outside}, sizes that the model fixes`,
        [18],
        resize({ ...open, shape: [1, 2, 9, 8] }, { sizes: [1, 2, 4, 11] }, { mode, antialias: 1, exclude_outside }),
      );
    }
  check(
    'cubic, exclude_outside',
    [11, 18],
    computed({ scales: [1, 1, 1.5, 0.7] }, { mode: 'cubic', exclude_outside: 1 }),
  );
  check(
    'cubic, another coefficient',
    [13],
    computed({ scales: [1, 1, 1.5, 2] }, { mode: 'cubic', cubic_coeff_a: { float: -0.5 } }),
  );
  check('named axes', [18, 23], computed({ sizes: [7, 8] }, { mode: 'cubic', axes: [-1, 2] }));
  for (const keep_aspect_ratio_policy of ['not_larger', 'not_smaller'])
    for (const mode of ['nearest', 'linear', 'cubic'])
      check(
        `${keep_aspect_ratio_policy}, ${mode}`,
        [18, 23],
        computed({ sizes: [8, 7] }, { mode, axes: [2, 3], keep_aspect_ratio_policy }),
      );
  check(
    'a region with an extrapolation value',
    [13, 19],
    computed(
      { sizes: [1, 2, 6, 6], roi: [0, 0, -0.3, 0.4, 1, 1, 1.2, 1.5] },
      { mode: 'linear', coordinate_transformation_mode: 'tf_crop_and_resize', extrapolation_value: { float: 3 } },
    ),
  );
  check(
    'a region of named axes',
    [18, 22],
    computed(
      { sizes: [6, 3], roi: [0.1, -0.2, 0.8, 1.1] },
      { mode: 'linear', coordinate_transformation_mode: 'tf_crop_and_resize', axes: [3, 2] },
    ),
  );
  for (const [title, X] of [
    ['sizes that are known', { shape: [1, 2, 5, 4] }],
    ['sizes that are not, known itself', open],
  ] as const)
    check(
      `a region of ${title}`,
      [13],
      resize(
        X,
        { sizes: [1, 2, 6, 6] },
        { mode: 'cubic', coordinate_transformation_mode: 'tf_crop_and_resize', extrapolation_value: { float: 3 } },
      ),
    );
  for (const mode of ['nearest', 'linear'])
    check(`${mode}, before coordinates could be chosen`, [10], computed({ scales: [1, 1, 1.7, 0.8] }, { mode }));
});

describe('gradient of Upsample of sizes settled at run time', () => {
  const open = { shape: [1, 2, 5, 4], declared: ['n', 'c', 'h', 'w'] };
  for (const mode of ['nearest', 'linear'])
    it(mode, () =>
      checkGradients({
        op: 'Upsample',
        opset: 9,
        inputs: { X: open },
        attributes: { mode },
        order: ['X', 'scales'],
        initializers: [floats('scales', [4], [1, 1, 2, 1.5])],
      }),
    );
  it('nearest, by whole numbers', () =>
    checkGradients({
      op: 'Upsample',
      opset: 7,
      inputs: { X: open },
      attributes: { mode: 'nearest', scales: { floats: [1, 1, 2, 3] } },
    }));
});

describe('Resize that is not differentiated', () => {
  it('says what is needed where the opset is too old for sizes settled at run time', () => {
    const bytes = buildModel({
      opset: 8,
      inputs: [{ name: 'X', shape: [1, 3, 'h', 'w'] }],
      outputs: [{ name: 'Y' }],
      nodes: [
        {
          op: 'Upsample',
          inputs: ['X'],
          outputs: ['Y'],
          attributes: { mode: 'linear', scales: { floats: [1, 1, 2, 2] } },
        },
      ],
    });
    expect(() => differentiate(parseModel(bytes), { of: 'Y', wrt: ['X'] }))
      .to.throw('the sizes of axis 2 are settled at run time, which opset 9 or newer is needed for')
      .with.property('code', 'no-rule');
  });
});
