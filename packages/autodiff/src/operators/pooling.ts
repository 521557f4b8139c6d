import { operators, type Tensor } from './record.js';
import { windowOf, windowPositions } from './window.js';

/** The axes of space of [N, C, ...]. */
export function spatialAxes(x: Tensor): number[] {
  return (x.shape ?? []).slice(2).map((_, axis) => axis + 2);
}

export const pooling = operators({
  MaxPool: {
    type: ({ X }) => [X.type, 'int64'],
    shape: ({ X, outputCount, attributes }) => {
      if (!X.shape || !attributes.kernel_shape) return undefined;
      const spatial = X.shape.slice(2);
      const window = windowOf(attributes, attributes.kernel_shape, spatial);
      const shape = [
        ...X.shape.slice(0, 2),
        ...windowPositions(window, spatial, attributes, attributes.ceil_mode === 1),
      ];
      return new Array(outputCount).fill(shape);
    },
  },
  GlobalAveragePool: {
    shape: ({ X }) => X.shape && [...X.shape.slice(0, 2), ...X.shape.slice(2).map(() => 1)],
    grad: {
      X: ({ g, X, b }) => {
        const count = b.emit('ReduceProd', [b.sizes(X, spatialAxes(X))], { keepdims: 0 });
        return b.expand(b.div(g, b.cast(count, g.type)), b.shape(X));
      },
    },
  },
});
