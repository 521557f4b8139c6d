import { operators } from './record.js';

interface ScatterCall {
  readonly attributes: { readonly reduction: string };
}

/** Products and extremes have a derivative, but no exported model was seen that needs it. */
function onlyAdds({ attributes: { reduction } }: ScatterCall): string | undefined {
  return reduction === 'none' || reduction === 'add'
    ? undefined
    : `its reduction is "${reduction}"; only "none" and "add" are differentiated`;
}

/** Operators that write into a tensor. Where one position is written twice without a reduction, the runtime chooses; so does its derivative. */
export const scatter = operators({
  ScatterElements: {
    shape: ({ data }) => data.shape,
    unsupported: onlyAdds,
    grad: {
      data: ({ g, indices, updates, attributes: { axis, reduction }, b }) =>
        reduction === 'add' ? g : b.emit('ScatterElements', [g, indices, b.zerosLike(updates)], { axis }),
      updates: ({ g, indices, attributes: { axis }, b }) => b.emit('GatherElements', [g, indices], { axis }),
    },
  },
  ScatterND: {
    shape: ({ data }) => data.shape,
    unsupported: onlyAdds,
    grad: {
      data: ({ g, indices, updates, attributes: { reduction }, b }) =>
        reduction === 'add' ? g : b.emit('ScatterND', [g, indices, b.zerosLike(updates)]),
      updates: ({ g, indices, b }) => b.emit('GatherND', [g, indices]),
    },
  },
});
