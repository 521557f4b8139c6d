// Random graphs of operators that move, pick and reshape, and of the integer arithmetic by which exporters compute shapes: for what is inferred of them
// to be compared with what runs. The generator keeps its own account of shapes, from the ONNX specification.
import type { TensorProto } from 'onnx-buf';
import { type Attribute, integers, type NodeSpec, type ValueSpec } from './model.js';
import { random } from './random.js';

interface Made {
  readonly name: string;
  readonly shape: readonly number[];
}

export interface RandomGraph {
  readonly inputs: readonly (ValueSpec & { readonly size: readonly number[] })[];
  readonly nodes: readonly NodeSpec[];
  readonly initializers: readonly TensorProto[];
  readonly tensors: readonly string[];
}

const OPSET = 18;

/** @param symbolic whether some of the inputs' sizes are names, settled at run time */
export function randomGraph(seed: number, length: number, symbolic: boolean): RandomGraph & { readonly opset: number } {
  const next = random(seed);
  const below = (count: number) => Math.floor(next() * count);
  const pick = <T>(list: readonly T[]): T => list[below(list.length)]!;
  const nodes: NodeSpec[] = [];
  const initializers: TensorProto[] = [];
  const tensors: string[] = [];
  let count = 0;
  const fresh = () => `t${count++}`;

  const sizes: Record<string, number> = { n: 1 + below(3), h: 2 + below(4), w: 2 + below(5) };
  const axis = () => {
    const symbol = pick(['n', 'h', 'w']);
    return symbolic && next() < 0.5 ? symbol : sizes[symbol]!;
  };
  const inputs = Array.from({ length: 3 }, (_, index) => {
    const shape = Array.from({ length: 2 + below(3) }, axis);
    return { name: `x${index}`, shape, size: shape.map((size) => (typeof size === 'string' ? sizes[size]! : size)) };
  });
  const floats: Made[] = inputs.map(({ name, size }) => ({ name, shape: size }));
  const lists: (Made & { readonly values: readonly number[] })[] = [];

  const list = (values: readonly number[], shape = [values.length]) => {
    const name = fresh();
    initializers.push(integers(name, shape, values));
    return name;
  };
  const emit = (op: string, from: readonly string[], attributes: Record<string, Attribute> = {}, outputs = 1) => {
    const names = Array.from({ length: outputs }, fresh);
    nodes.push({ op, inputs: from, outputs: names, attributes });
    tensors.push(...names);
    return names;
  };
  const float = (shape: readonly number[], ...call: Parameters<typeof emit>) => {
    const [name] = emit(...call);
    if (shape.reduce((product, size) => product * size, 1) <= 2000 && shape.length <= 6)
      floats.push({ name: name!, shape });
  };
  const integer = (values: readonly number[], ...call: Parameters<typeof emit>) => {
    const [name] = emit(...call);
    lists.push({ name: name!, shape: [values.length], values });
  };
  const x = () => pick(floats.slice(-6));
  const broadcastable = (a: Made, b: Made) => {
    const rank = Math.max(a.shape.length, b.shape.length);
    const at = (made: Made, dimension: number) => made.shape[dimension - rank + made.shape.length] ?? 1;
    const shape = Array.from({ length: rank }, (_, dimension) => [at(a, dimension), at(b, dimension)] as const);
    return shape.every(([p, q]) => p === q || p === 1 || q === 1)
      ? shape.map(([p, q]) => (p === 1 ? q : p))
      : undefined;
  };
  const total = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1);

  const steps: (() => void)[] = [
    () => {
      const { name, shape } = x();
      float(shape, 'Relu', [name]);
    },
    () => {
      const { name, shape } = x();
      const order = shape.map((_, dimension) => dimension).sort(() => next() - 0.5);
      float(
        order.map((from) => shape[from]!),
        'Transpose',
        [name],
        { perm: order },
      );
    },
    () => {
      const { name, shape } = x();
      if (shape.length === 0) return;
      const at = below(shape.length);
      float([total(shape.slice(0, at)), total(shape.slice(at))], 'Flatten', [name], { axis: at });
    },
    () => {
      const { name, shape } = x();
      if (shape.length < 2) return;
      float([shape[0]!, total(shape.slice(1))], 'Reshape', [name, list([0, -1])]);
    },
    () => {
      const { name, shape } = x();
      const at = below(shape.length + 1);
      float([...shape.slice(0, at), 1, ...shape.slice(at)], 'Unsqueeze', [name, list([at])]);
    },
    () => {
      const { name, shape } = x();
      const at = shape.indexOf(1);
      if (at >= 0)
        float(
          shape.filter((_, dimension) => dimension !== at),
          'Squeeze',
          [name, list([at])],
        );
    },
    () => {
      const { name, shape } = x();
      if (shape.length === 0) return;
      const at = below(shape.length);
      const [start, end] = [below(2), pick([2, -1, 2 ** 40])];
      const bound = (index: number) => Math.min(Math.max(index < 0 ? index + shape[at]! : index, 0), shape[at]!);
      const kept = Math.max(0, bound(end) - bound(start));
      if (kept > 0)
        float(
          shape.map((size, dimension) => (dimension === at ? kept : size)),
          'Slice',
          [name, list([start]), list([end]), list([at])],
        );
    },
    () => {
      const { name, shape } = x();
      if (shape.length === 0) return;
      const at = below(shape.length);
      const positions = [0, -1].slice(0, 1 + below(2));
      float([...shape.slice(0, at), positions.length, ...shape.slice(at + 1)], 'Gather', [name, list(positions)], {
        axis: at,
      });
    },
    () => {
      const { name, shape } = x();
      if (shape.length === 0) return;
      const at = below(shape.length);
      float(
        shape.map((size, dimension) => (dimension === at ? 2 * size : size)),
        'Concat',
        [name, name],
        { axis: at },
      );
    },
    () => {
      const { name, shape } = x();
      if (shape.length === 0) return;
      const pads = [...shape, ...shape].map(() => below(2));
      float(
        shape.map((size, at) => size + pads[at]! + pads[at + shape.length]!),
        'Pad',
        [name, list(pads)],
      );
    },
    () => {
      const { name, shape } = x();
      const repeats = shape.map(() => 1 + below(2));
      float(
        shape.map((size, at) => size * repeats[at]!),
        'Tile',
        [name, list(repeats)],
      );
    },
    () => {
      const [a, b] = [x(), x()];
      const shape = broadcastable(a, b);
      if (shape) float(shape, 'Add', [a.name, b.name]);
    },
    () => {
      const { name, shape } = x();
      if (shape.length === 0) return;
      const at = below(shape.length);
      float(
        shape.map((size, dimension) => (dimension === at ? 1 : size)),
        'ReduceMean',
        [name, list([at])],
      );
    },
    () => {
      const { name, shape } = x();
      const at = shape.findIndex((size) => size >= 2);
      if (at < 0) return;
      const [first] = emit('Split', [name, list([1, shape[at]! - 1])], { axis: at }, 2);
      floats.push({ name: first!, shape: shape.map((size, dimension) => (dimension === at ? 1 : size)) });
    },
    () => {
      const { name, shape } = x();
      if (shape.length !== 3) return;
      const window = { kernel_shape: [3], pads: [1, 1], strides: [1 + below(2)] };
      const positions = Math.floor((shape[2]! - 1) / window.strides[0]!) + 1;
      float([shape[0]!, shape[1]!, positions], 'MaxPool', [name], window);
    },
    () => {
      const { name, shape } = x();
      integer(shape, 'Shape', [name]);
    },
    () => {
      if (lists.length === 0) return;
      const { name, values } = pick(lists);
      if (values.length === 0) return;
      const at = below(values.length);
      integer([values[at]!], 'Gather', [name, list([at])]);
    },
    () => {
      if (lists.length === 0) return;
      const [a, b] = [pick(lists), pick(lists)];
      if (a.values.length + b.values.length <= 8)
        integer([...a.values, ...b.values], 'Concat', [a.name, b.name], { axis: 0 });
    },
    () => {
      if (lists.length === 0) return;
      const { name, values } = pick(lists);
      const factor = 2 + below(2);
      if (values.every((value) => Math.abs(value) < 1000))
        integer(
          values.map((value) => value * factor),
          'Mul',
          [name, list([factor])],
        );
    },
    () => {
      if (lists.length === 0) return;
      const { name, values } = pick(lists);
      integer(
        values.map((value) => Math.trunc(value / 2)),
        'Div',
        [name, list([2])],
      );
    },
    () => {
      if (lists.length === 0) return;
      const { name, values } = pick(lists);
      const [equal] = emit('Equal', [name, list([-1])]);
      integer(
        values.map((value) => (value === -1 ? 7 : value)),
        'Where',
        [equal!, list([7]), name],
      );
    },
    () => {
      if (lists.length === 0) return;
      const { name, values } = pick(lists);
      const [as] = emit('Cast', [name], { to: 1 });
      const [down] = emit('Floor', [as!]);
      integer(values, 'Cast', [down!], { to: 7 });
    },
    () => {
      const wanted = lists.filter(
        ({ values }) =>
          values.length > 0 && values.length <= 4 && total(values) <= 500 && values.every((value) => value > 0),
      );
      if (wanted.length === 0) return;
      const { name, values } = pick(wanted);
      float(values, 'ConstantOfShape', [name]);
    },
    () => {
      // What exporters write for x.view(a.size(0), -1).
      const { name, shape } = x();
      const first = shape[0];
      if (shape.length < 2 || first === undefined) return;
      const [sizes] = emit('Shape', [name]);
      const [batch] = emit('Gather', [sizes!, list([0])]);
      const [target] = emit('Concat', [batch!, list([-1])], { axis: 0 });
      float([first, total(shape.slice(1))], 'Reshape', [name, target!]);
    },
    () => {
      const { name, shape } = x();
      const other = floats.find((made) => total(made.shape) === total(shape) && made.name !== name);
      if (!other) return;
      const [sizes] = emit('Shape', [other.name]);
      float(other.shape, 'Reshape', [name, sizes!]);
    },
  ];
  while (nodes.length < length) pick(steps)();
  return { opset: OPSET, inputs, nodes, initializers, tensors };
}
