// What comes out of `differentiate` can be differentiated again.
import { differentiate, type Model, parseModel } from '@saywhy/autodiff';
import { expect } from 'chai';
import { relativeError } from '../support/golden.js';
import { buildModel, floats } from '../support/model.js';
import { normal } from '../support/random.js';
import { type Feed, load, run } from '../support/run.js';

/** y = softmax(W2 sigmoid(W1 x)) * z, where z is the sum of tanh(x)^2: smooth, and with every entry of its Hessian in use. */
function smooth(): Model {
  const next = normal(7);
  const weights = (name: string, shape: readonly number[]) =>
    floats(
      name,
      shape,
      Array.from({ length: shape[0]! * shape[1]! }, () => 0.7 * next()),
    );
  return parseModel(
    buildModel({
      opset: 13,
      inputs: [{ name: 'x', shape: ['n', 4] }],
      outputs: [{ name: 'y', shape: ['n', 3] }],
      initializers: [weights('w1', [4, 5]), weights('w2', [5, 3])],
      nodes: [
        { op: 'MatMul', inputs: ['x', 'w1'], outputs: ['a'] },
        { op: 'Sigmoid', inputs: ['a'], outputs: ['b'] },
        { op: 'MatMul', inputs: ['b', 'w2'], outputs: ['c'] },
        { op: 'Softmax', inputs: ['c'], outputs: ['p'] },
        { op: 'Tanh', inputs: ['x'], outputs: ['t'] },
        { op: 'Mul', inputs: ['t', 't'], outputs: ['u'] },
        { op: 'ReduceMean', inputs: ['u'], outputs: ['z'], attributes: { axes: [1] } },
        { op: 'Mul', inputs: ['p', 'z'], outputs: ['y'] },
      ],
    }),
  );
}

const next = normal(8);
const random = (shape: readonly number[]): Feed => ({
  data: Array.from({ length: shape.reduce((a, b) => a * b, 1) }, next),
  shape,
});
const moved = ({ data, shape }: Feed, step: number, along: Feed): Feed => ({
  data: Array.from(data, (value, index) => value + step * along.data[index]!),
  shape,
});

/** The derivative of a result along a direction of x, by differences of fourth order. */
async function along(
  f: (x: Feed) => Promise<readonly number[]>,
  x: Feed,
  direction: Feed,
  step = 0.05,
): Promise<number[]> {
  const at = async (size: number) => {
    const [plus, minus] = [await f(moved(x, size, direction)), await f(moved(x, -size, direction))];
    return plus.map((value, index) => (value - minus[index]!) / (2 * size));
  };
  const [coarse, fine] = [await at(step), await at(step / 2)];
  return fine.map((value, index) => (4 * value - coarse[index]!) / 3);
}

describe('derivatives of derivatives', () => {
  const once = differentiate(smooth(), { of: 'y', wrt: ['x'] });
  const [x, g, v] = [random([2, 4]), random([2, 3]), random([2, 4])];

  it('a Hessian times a vector equals differences of the gradient', async () => {
    const twice = differentiate(once, { of: 'gradient/x', wrt: ['x'], prefix: 'second/' });
    const results = await run(twice, { x, 'cotangent/y': g, 'second/cotangent/gradient/x': v });
    const gradient = await load(once);
    const expected = await along(
      async (at) => (await gradient.run({ x: at, 'cotangent/y': g }))['gradient/x']!.data,
      x,
      v,
    );
    await gradient.release();
    expect(relativeError(results['second/gradient/x']!.data, expected)).to.be.below(1e-4);
  });

  it('the derivative with respect to the cotangent is the forward derivative', async () => {
    const twice = differentiate(once, { of: 'gradient/x', wrt: ['cotangent/y'], prefix: 'forward/' });
    const results = await run(twice, { x, 'cotangent/y': g, 'forward/cotangent/gradient/x': v });
    const forward = await load(smooth());
    const expected = await along(async (at) => (await forward.run({ x: at })).y!.data, x, v);
    await forward.release();
    expect(relativeError(results['forward/gradient/cotangent/y']!.data, expected)).to.be.below(1e-4);
  });

  it('the third derivative of x^4 is 24 x', async () => {
    const quartic = parseModel(
      buildModel({
        opset: 13,
        inputs: [{ name: 'x', shape: [3] }],
        outputs: [{ name: 'y', shape: [3] }],
        nodes: [
          { op: 'Mul', inputs: ['x', 'x'], outputs: ['s'] },
          { op: 'Mul', inputs: ['s', 's'], outputs: ['y'] },
        ],
      }),
    );
    const first = differentiate(quartic, { of: 'y', wrt: ['x'] });
    const second = differentiate(first, { of: 'gradient/x', wrt: ['x'], prefix: '2/' });
    const third = differentiate(second, { of: '2/gradient/x', wrt: ['x'], prefix: '3/' });
    const ones = { data: [1, 1, 1], shape: [3] };
    const results = await run(third, {
      x: { data: [1, -2, 0.5], shape: [3] },
      'cotangent/y': ones,
      '2/cotangent/gradient/x': ones,
      '3/cotangent/2/gradient/x': ones,
    });
    expect(results['gradient/x']!.data).to.deep.equal([4, -32, 0.5]);
    expect(results['2/gradient/x']!.data).to.deep.equal([12, 48, 3]);
    expect(results['3/gradient/x']!.data).to.deep.equal([24, -48, 12]);
  });
});
