// Random convolutions and pools against finite differences: settings that nobody thought of. Tolerance 2e-3 of the gradient's norm.
import fc from 'fast-check';
import { checkGradients } from '../../../support/gradient-check.js';
import { random } from '../../../support/random.js';

const RUNS = 100;
const SEED = 20240607;
const tolerance = 2e-3;

/** One axis of space: the window's part in it, and a size that holds at least one window. */
const axis = fc
  .record({
    kernel: fc.integer({ min: 1, max: 4 }),
    stride: fc.integer({ min: 1, max: 3 }),
    dilation: fc.integer({ min: 1, max: 3 }),
    begin: fc.nat(4),
    end: fc.nat(4),
    more: fc.nat(5),
  })
  .map((drawn) => ({ ...drawn, reach: drawn.dilation * (drawn.kernel - 1) + 1 }));
type Axis = typeof axis extends fc.Arbitrary<infer T> ? T : never;

const rank = fc.constantFrom(1, 2, 2, 3);
const axes = rank.chain((count) => fc.array(axis, { minLength: count, maxLength: count }));
const automatic = fc.constantFrom('NOTSET', 'NOTSET', 'NOTSET', 'SAME_UPPER', 'SAME_LOWER', 'VALID');
const convOpset = fc.constantFrom(7, 10, 11, 13, 22, 23);

const pads = (space: readonly Axis[], limit = 9) => [
  ...space.map(({ begin }) => Math.min(begin, limit)),
  ...space.map(({ end }) => Math.min(end, limit)),
];

/** Sizes that are settled at run time, where the operator set allows them. */
const declared = (shape: readonly number[], atRunTime: boolean, opset: number) =>
  atRunTime && opset >= 11 ? { declared: shape.map((size, at) => (at === 1 ? size : `d${at}`)) } : {};

describe('random convolutions and pools', function () {
  this.timeout(120_000);

  it('Conv', () =>
    fc.assert(
      fc.asyncProperty(
        fc.record({
          space: axes,
          opset: convOpset,
          auto_pad: automatic,
          group: fc.constantFrom(1, 1, 2, 3),
          inputs: fc.integer({ min: 1, max: 2 }),
          outputs: fc.integer({ min: 1, max: 2 }),
          batch: fc.integer({ min: 1, max: 2 }),
          atRunTime: fc.boolean(),
        }),
        async ({ space, opset, auto_pad, group, inputs, outputs, batch, atRunTime }) => {
          const padded = auto_pad === 'NOTSET';
          const isSame = auto_pad.startsWith('SAME');
          const sizes = space.map(({ reach, begin, end, more }) =>
            Math.max(1, reach + more - (padded ? begin + end : 0)),
          );
          const shape = [batch, group * inputs, ...sizes];
          await checkGradients({
            op: 'Conv',
            opset,
            tolerance,
            attributes: {
              group,
              auto_pad,
              strides: space.map(({ stride }) => stride),
              // onnxruntime refuses the two together.
              dilations: isSame ? undefined : space.map(({ dilation }) => dilation),
              pads: padded ? pads(space) : undefined,
            },
            inputs: {
              X: { shape, ...declared(shape, atRunTime, opset) },
              W: { shape: [group * outputs, inputs, ...space.map(({ kernel }) => kernel)] },
              B: { shape: [group * outputs] },
            },
          });
        },
      ),
      { numRuns: RUNS, seed: SEED },
    ));

  it('ConvTranspose', () =>
    fc.assert(
      fc.asyncProperty(
        fc.record({
          space: axes,
          opset: convOpset,
          group: fc.constantFrom(1, 1, 2, 3),
          inputs: fc.integer({ min: 1, max: 2 }),
          outputs: fc.integer({ min: 1, max: 2 }),
          atRunTime: fc.boolean(),
        }),
        async ({ space, opset, group, inputs, outputs, atRunTime }) => {
          const sizes = space.map(({ more }) => more + 1);
          // Cut less than there is.
          const cut = space.map(({ stride, reach, begin, end }, at) => {
            const whole = (sizes[at]! - 1) * stride + reach;
            return begin + end < whole ? { begin, end } : { begin: 0, end: 0 };
          });
          const shape = [1, group * inputs, ...sizes];
          await checkGradients({
            op: 'ConvTranspose',
            opset,
            tolerance,
            attributes: {
              group,
              strides: space.map(({ stride }) => stride),
              dilations: space.map(({ dilation }) => dilation),
              pads: [...cut.map(({ begin }) => begin), ...cut.map(({ end }) => end)],
              output_padding: space.map(({ stride, more }) => more % stride),
            },
            inputs: {
              X: { shape, ...declared(shape, atRunTime, opset) },
              W: { shape: [group * inputs, outputs, ...space.map(({ kernel }) => kernel)] },
              B: { shape: [group * outputs] },
            },
          });
        },
      ),
      { numRuns: RUNS, seed: SEED },
    ));

  for (const op of ['MaxPool', 'AveragePool'])
    it(op, () =>
      fc.assert(
        fc.asyncProperty(
          fc.record({
            space: axes,
            opset: fc.constantFrom(7, 10, 11, 13, 19, 22, 23),
            auto_pad: automatic,
            ceil_mode: fc.nat(1),
            count_include_pad: fc.nat(1),
            atRunTime: fc.boolean(),
          }),
          async ({ space, opset, auto_pad, ceil_mode, count_include_pad, atRunTime }) => {
            const isSame = auto_pad.startsWith('SAME');
            const dilates = opset >= (op === 'MaxPool' ? 10 : 19) && !isSame;
            // onnxruntime wants padding smaller than the kernel, and with SAME no stride above it.
            const window = space.map((drawn) => ({
              ...drawn,
              begin: Math.min(drawn.begin, drawn.kernel - 1),
              end: Math.min(drawn.end, drawn.kernel - 1),
              stride: isSame ? Math.min(drawn.stride, drawn.kernel) : drawn.stride,
              reach: dilates ? drawn.reach : drawn.kernel,
            }));
            const shape = [1, 2, ...window.map(({ reach, more }) => reach + more)];
            const next = random(shape.length);
            const order = shape.reduce((count, size) => count * size, 1);
            const values = Array.from({ length: order }, (_, index) => [next(), (index - order / 2) / 2] as const)
              .sort(([a], [b]) => a - b)
              .map(([, value]) => value);
            await checkGradients({
              op,
              opset,
              tolerance,
              // The values are half a unit apart, and with many of them as large as hundreds.
              step: 0.05,
              attributes: {
                auto_pad,
                kernel_shape: window.map(({ kernel }) => kernel),
                strides: window.map(({ stride }) => stride),
                dilations: dilates ? window.map(({ dilation }) => dilation) : undefined,
                pads: auto_pad === 'NOTSET' ? pads(window) : undefined,
                ceil_mode: opset >= 10 ? ceil_mode : undefined,
                count_include_pad: op === 'AveragePool' ? count_include_pad : undefined,
              },
              inputs: {
                X: { shape, ...(op === 'MaxPool' && { values }), ...declared(shape, atRunTime, opset) },
              },
            });
          },
        ),
        { numRuns: RUNS, seed: SEED },
      ),
    );
});
