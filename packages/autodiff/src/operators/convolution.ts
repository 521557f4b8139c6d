import type { Builder } from '../builder/builder.js';
import type { Shape } from '../model/types.js';
import { operators, type Tensor } from './record.js';
import { isStatic } from './shapes.js';
import { type Window, type WindowAttributes, windowOf, windowPositions } from './window.js';

function geometry(X: Tensor, W: Tensor, attributes: WindowAttributes): Window | undefined {
  const kernel = W.shape?.slice(2) ?? attributes.kernel_shape;
  return X.shape && isStatic(kernel) ? windowOf(attributes, kernel, X.shape.slice(2)) : undefined;
}

export const convolution = operators({
  Conv: {
    shape: ({ X, W, attributes }) => {
      const window = geometry(X, W, attributes);
      if (!X.shape || !W.shape || !window) return undefined;
      return [X.shape[0]!, W.shape[0]!, ...windowPositions(window, X.shape.slice(2), attributes)];
    },
    grad: {
      X: ({ g, X, W, attributes, b }) => {
        const window = geometry(X, W, attributes)!;
        const { strides, kernel, dilations, begin, end } = window;
        if (strides.every((stride) => stride === 1)) {
          const pads = [...begin!, ...end!].map(
            (pad, axis) => dilations[axis % kernel.length]! * (kernel[axis % kernel.length]! - 1) - pad,
          );
          return b.emit('Conv', [g, flipped(b, W, attributes.group)], { pads, dilations, group: attributes.group });
        }
        const spatial = X.shape!.slice(2) as number[];
        const output_padding = spatial.map(
          (size, axis) =>
            (size + begin![axis]! + end![axis]! - dilations[axis]! * (kernel[axis]! - 1) - 1) % strides[axis]!,
        );
        return b.emit('ConvTranspose', [g, W], {
          strides,
          dilations,
          group: attributes.group,
          pads: [...begin!, ...end!],
          output_padding,
        });
      },
    },
  },
  ConvTranspose: {
    shape: ({ X, W, attributes: { output_padding, group, ...attributes } }) => {
      const window = geometry(X, W, attributes);
      if (!X.shape || !W.shape || !window) return undefined;
      const spatial = X.shape
        .slice(2)
        .map((size, axis) =>
          typeof size === 'number'
            ? (size - 1) * window.strides[axis]! +
              (output_padding?.[axis] ?? 0) +
              (window.kernel[axis]! - 1) * window.dilations[axis]! +
              1 -
              window.begin![axis]! -
              window.end![axis]!
            : '?',
        );
      return [X.shape[0]!, typeof W.shape[1] === 'number' ? W.shape[1] * group : '?', ...spatial] as Shape;
    },
  },
});

/** The weights with input and output channels swapped within each group and every axis of space reversed: what a convolution back needs. */
function flipped(b: Builder, W: Tensor, group: number): Tensor {
  const [outputs, inputs, ...kernel] = W.shape as number[];
  const axes = kernel.map((_, axis) => axis);
  const grouped = b.reshape(W, [group, outputs! / group, inputs!, ...kernel]);
  const swapped = b.reshape(b.transpose(grouped, [0, 2, 1, ...axes.map((axis) => axis + 3)]), [
    group * inputs!,
    outputs! / group,
    ...kernel,
  ]);
  if (kernel.every((size) => size === 1)) return swapped;
  return b.slice(
    swapped,
    axes.map(() => -1),
    axes.map(() => -(2 ** 31)),
    axes.map((axis) => axis + 2),
    axes.map(() => -1),
  );
}
