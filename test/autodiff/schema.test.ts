// Reading any version of an operator as its newest, and writing the newest for any version: expected calls are taken from ONNX's changelog.
import { expect } from 'chai';
import { formalInput, read, toVersion } from '../../packages/autodiff/src/schema/read.js';
import { throwsCode } from '../support/throws-code.js';

/** What rules see: inputs under their formal names (those made from attributes as `= value`), then attributes. */
function seen(opType: string, opset: number, inputs: readonly (string | undefined)[], attributes = {}) {
  const call = read(opType, opset, inputs, attributes);
  const named: Record<string, unknown> = {};
  call.inputs.forEach((input, index) => {
    if (input !== undefined) named[formalInput(opType, index)!] = input;
  });
  for (const { index, value } of call.fromAttributes) named[formalInput(opType, index)!] = value;
  return { ...named, ...call.attributes };
}

/** What is written: inputs by position and attributes. A text in brackets is a constant input. */
function written(opType: string, opset: number, inputs: readonly (string | undefined)[], attributes = {}) {
  const constant = (input: string) => (input.startsWith('[') ? (JSON.parse(input) as number[]) : undefined);
  const node = toVersion(opType, opset, inputs, attributes, constant);
  return { inputs: node.inputs, ...node.attributes };
}

describe('operator versions, reading', () => {
  it('makes inputs of the attributes that became inputs', () => {
    expect(seen('Slice', 9, ['x'], { starts: [1], ends: [3], axes: [2] })).to.deep.include({
      data: 'x',
      starts: [1],
      ends: [3],
      axes: [2],
    });
    expect(seen('Pad', 10, ['x'], { pads: [0, 1], value: 2 })).to.deep.include({
      data: 'x',
      pads: [0, 1],
      constant_value: 2,
      mode: 'constant',
    });
    expect(seen('TopK', 9, ['x'], { k: 4 })).to.deep.include({ X: 'x', K: 4, axis: -1, largest: 1, sorted: 1 });
    expect(seen('Dropout', 7, ['x'])).to.deep.include({ data: 'x', ratio: 0.5 });
    for (const [op, last] of [
      ['ReduceSum', 12],
      ['ReduceMean', 17],
      ['ReduceMax', 17],
      ['ReduceL2', 17],
    ] as const) {
      expect(seen(op, last, ['x'], { axes: [1] })).to.deep.include({ data: 'x', axes: [1], keepdims: 1 });
      expect(seen(op, last + 1, ['x', 'a'])).to.deep.include({ data: 'x', axes: 'a', noop_with_empty_axes: 0 });
    }
    for (const op of ['Squeeze', 'Unsqueeze']) {
      expect(seen(op, 12, ['x'], { axes: [0] })).to.deep.include({ data: 'x', axes: [0] });
      expect(seen(op, 13, ['x', 'a'])).to.deep.include({ data: 'x', axes: 'a' });
    }
  });

  it('leaves out an input whose attribute was not given', () => {
    expect(seen('Squeeze', 12, ['x'])).not.to.have.property('axes');
    expect(seen('Slice', 9, ['x'], { starts: [1], ends: [3] })).not.to.have.property('axes');
    expect(seen('ReduceSum', 7, ['x'])).not.to.have.property('axes');
  });

  it('knows that an old Clip without a bound has none', () => {
    expect(seen('Clip', 6, ['x'], { min: 0 })).to.deep.equal({ input: 'x', min: 0 });
    expect(seen('Clip', 6, ['x'], { min: 0, max: 3.4028234663852886e38 })).to.deep.equal({ input: 'x', min: 0 });
    expect(seen('Clip', 6, ['x'], { min: 0, max: 6 })).to.deep.equal({ input: 'x', min: 0, max: 6 });
    expect(seen('Clip', 11, ['x', undefined, 'm'])).to.deep.equal({ input: 'x', max: 'm' });
  });

  it('reads Split before, at and after 13 and 18', () => {
    expect(seen('Split', 11, ['x'], { split: [1, 2], axis: 1 })).to.deep.include({
      input: 'x',
      split: [1, 2],
      axis: 1,
    });
    expect(seen('Split', 13, ['x', 's'])).to.deep.include({ input: 'x', split: 's', axis: 0 });
    expect(seen('Split', 18, ['x'], { num_outputs: 3 })).to.deep.include({ input: 'x', num_outputs: 3 });
  });

  it('moves the inputs of Resize to their places', () => {
    expect(seen('Resize', 10, ['x', 's'], { mode: 'linear' })).to.deep.include({
      X: 'x',
      scales: 's',
      mode: 'linear',
      coordinate_transformation_mode: 'asymmetric',
      nearest_mode: 'floor',
    });
    expect(seen('Resize', 11, ['x', 'r', 's', 'z'])).to.deep.include({
      X: 'x',
      roi: 'r',
      scales: 's',
      sizes: 'z',
      coordinate_transformation_mode: 'half_pixel',
      nearest_mode: 'round_prefer_floor',
    });
    expect(seen('Resize', 13, ['x', undefined, undefined, 'z'])).to.deep.include({ X: 'x', sizes: 'z', antialias: 0 });
  });

  it('keeps the default that a version had', () => {
    for (const op of ['Softmax', 'LogSoftmax', 'Hardmax']) {
      expect(seen(op, 12, ['x'])).to.deep.include({ axis: 1 });
      expect(seen(op, 13, ['x'])).to.deep.include({ axis: -1 });
      expect(seen(op, 11, ['x'], { axis: 2 })).to.deep.include({ axis: 2 });
    }
  });

  it('follows renamed inputs and values', () => {
    const inputs = ['x', 's', 'b', 'm', 'v'];
    const names = { X: 'x', scale: 's', B: 'b', input_mean: 'm', input_var: 'v' };
    for (const opset of [7, 9, 14, 15])
      expect(seen('BatchNormalization', opset, inputs)).to.deep.include({ ...names, epsilon: 1e-5, training_mode: 0 });
    expect(seen('GridSample', 16, ['x', 'g'])).to.deep.include({ mode: 'linear' });
    expect(seen('GridSample', 16, ['x', 'g'], { mode: 'bicubic' })).to.deep.include({ mode: 'cubic' });
    expect(seen('GridSample', 20, ['x', 'g'], { mode: 'nearest' })).to.deep.include({ mode: 'nearest' });
    expect(seen('RoiAlign', 10, ['x', 'r', 'i'])).to.deep.include({
      coordinate_transformation_mode: 'output_half_pixel',
    });
  });

  it('keeps the places of inputs that were left out', () => {
    expect(read('Clip', 13, ['x', undefined, 'm'], {}).inputs).to.deep.equal(['x', undefined, 'm']);
    expect(read('Concat', 13, ['a', 'b', 'c'], { axis: 1 }).inputs).to.deep.equal(['a', 'b', 'c']);
    expect(formalInput('Concat', 2)).to.equal('inputs');
  });

  it('leaves an operator that it does not know as it is', () => {
    expect(read('Mystery', 17, ['x'], { a: 1 })).to.deep.equal({
      inputs: ['x'],
      fromAttributes: [],
      attributes: { a: 1 },
    });
    expect(formalInput('Mystery', 0)).to.equal(undefined);
  });

  it('refuses attributes of another type', () => {
    throwsCode(() => read('Softmax', 13, ['x'], { axis: 0.5 }), 'invalid-model');
    throwsCode(() => read('Transpose', 13, ['x'], { perm: 1 }), 'invalid-model');
    throwsCode(() => read('Slice', 9, ['x'], { starts: 'abc', ends: [1] }), 'invalid-model');
    throwsCode(() => read('Conv', 11, ['x', 'w'], { auto_pad: [1] }), 'invalid-model');
  });
});

describe('operator versions, writing', () => {
  it('makes attributes of constant inputs where the version wants them', () => {
    expect(written('Slice', 9, ['x', '[1]', '[3]', '[2]'])).to.deep.equal({
      inputs: ['x'],
      starts: [1],
      ends: [3],
      axes: [2],
    });
    expect(written('Slice', 10, ['x', 'a', 'b', 'c'])).to.deep.equal({ inputs: ['x', 'a', 'b', 'c'] });
    expect(written('ReduceSum', 12, ['x', '[1]'], { keepdims: 0 })).to.deep.equal({
      inputs: ['x'],
      axes: [1],
      keepdims: 0,
    });
    expect(written('ReduceSum', 13, ['x', '[1]'], { keepdims: 0 })).to.deep.equal({
      inputs: ['x', '[1]'],
      keepdims: 0,
    });
    expect(written('Pad', 10, ['x', '[0,1]', '[2]'])).to.deep.equal({ inputs: ['x'], pads: [0, 1], value: 2 });
    expect(written('Clip', 6, ['x', undefined, '[6]'])).to.deep.equal({ inputs: ['x'], max: 6 });
    expect(written('TopK', 9, ['x', '[4]'], { axis: 0 })).to.deep.equal({ inputs: ['x'], k: 4, axis: 0 });
    expect(written('Unsqueeze', 11, ['x', '[0]'])).to.deep.equal({ inputs: ['x'], axes: [0] });
    expect(written('Split', 11, ['x', '[1,2]'], { axis: 1 })).to.deep.equal({ inputs: ['x'], split: [1, 2], axis: 1 });
  });

  it('moves inputs to where the version has them', () => {
    expect(
      written('Resize', 10, ['x', undefined, 's'], {
        mode: 'linear',
        coordinate_transformation_mode: 'asymmetric',
        nearest_mode: 'floor',
      }),
    ).to.deep.equal({ inputs: ['x', 's'], mode: 'linear' });
    expect(written('BatchNormalization', 7, ['x', 's', 'b', 'm', 'v']).inputs).to.deep.equal(['x', 's', 'b', 'm', 'v']);
    expect(written('Concat', 7, ['a', 'b', 'c'], { axis: 0 })).to.deep.equal({ inputs: ['a', 'b', 'c'], axis: 0 });
  });

  it('writes a default out where the version has another', () => {
    expect(written('Softmax', 11, ['x'])).to.deep.equal({ inputs: ['x'], axis: -1 });
    expect(written('Softmax', 13, ['x'])).to.deep.equal({ inputs: ['x'] });
    expect(written('GridSample', 16, ['x', 'g'])).to.deep.equal({ inputs: ['x', 'g'] });
    expect(written('GridSample', 16, ['x', 'g'], { mode: 'cubic' })).to.deep.equal({
      inputs: ['x', 'g'],
      mode: 'bicubic',
    });
  });

  it('leaves out an attribute of no effect that the version lacks', () => {
    expect(written('ReduceMean', 11, ['x', '[1]'], { noop_with_empty_axes: 0 })).to.deep.equal({
      inputs: ['x'],
      axes: [1],
    });
    expect(written('ScatterND', 11, ['d', 'i', 'u'], { reduction: 'none' })).to.deep.equal({
      inputs: ['d', 'i', 'u'],
    });
  });

  it('refuses what the version cannot say', () => {
    throwsCode(() => written('ScatterND', 11, ['d', 'i', 'u'], { reduction: 'add' }), 'opset-too-old');
    throwsCode(() => written('ReduceSum', 11, ['x', 'computed']), 'opset-too-old');
    throwsCode(() => written('Slice', 9, ['x', '[0]', '[1]', '[0]', '[-1]']), 'opset-too-old');
    throwsCode(() => written('Where', 8, ['c', 'a', 'b']), 'opset-too-old');
    throwsCode(() => written('Resize', 10, ['x', undefined, 's'], { mode: 'linear' }), 'opset-too-old');
    throwsCode(() => written('Resize', 10, ['x', undefined, undefined, 'z']), 'opset-too-old');
  });

  it('is undone by reading, at every version from 7', () => {
    const cases: [string, readonly (string | undefined)[], object][] = [
      ['Softmax', ['x'], { axis: -1 }],
      ['Squeeze', ['x', '[0]'], {}],
      ['ReduceMax', ['x', '[0, 1]'], { keepdims: 0 }],
      ['Conv', ['x', 'w', undefined], { strides: [2, 2], pads: [1, 1, 0, 0], group: 2 }],
      ['Clip', ['x', '[0]', '[6]'], {}],
      ['AveragePool', ['x'], { kernel_shape: [2], count_include_pad: 1 }],
    ];
    for (const [op, inputs, attributes] of cases)
      for (let opset = 7; opset <= 23; opset++) {
        const { inputs: at, ...given } = written(op, opset, inputs, attributes);
        const back = seen(op, opset, at, given) as Record<string, unknown>;
        const expected = seen(op, 23, inputs, attributes) as Record<string, unknown>;
        const values = (call: Record<string, unknown>) =>
          Object.fromEntries(
            Object.entries(call).map(([name, value]) => [
              name,
              typeof value === 'string' && value.startsWith('[') ? JSON.parse(value).flat() : [value].flat(),
            ]),
          );
        expect(values(back), `${op}, opset ${opset}`).to.deep.equal(values(expected));
      }
  });
});
