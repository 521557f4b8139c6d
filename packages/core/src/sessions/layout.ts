// onnxruntime's WebGPU keeps channels last unless told otherwise, and computes some convolutions wrongly then, without a word (1.30): gradients, which turn a
// convolution's channels round, meet these even where the model itself does not. With channels first all are right. Swept on SwiftShader:
// test/web/native/webgpu.test.ts.
import { inferTensors, type Model, type Node, type Tensor } from '@saywhy/autodiff';

/** Whether a part has a convolution that WebGPU computes wrongly with channels last. A size that is not known counts as one of those. */
export function needsChannelsFirst(part: Model): boolean {
  const suspects = part.graph.nodes.filter(({ opType }) => opType === 'Conv' || opType === 'ConvTranspose');
  if (suspects.length === 0) return false;
  const tensors = inferTensors(part);
  return suspects.some((node) => isWrong(node, tensors.get(node.inputs[1]!)));
}

function isWrong({ opType, attributes }: Node, weights: Tensor | undefined): boolean {
  const [first, second, ...kernel] = weights?.shape ?? [];
  if (typeof first !== 'number' || typeof second !== 'number') return true;
  const { group = 1, strides = [], pads = [] } = attributes as Window;
  if (opType === 'ConvTranspose') return group > 1 && second === 1 && (first / group) % 2 === 0;
  if (group > 1) return first / group > 4 && (first / group) % 4 !== 0;
  const isPointwise = [...kernel, ...strides].every((size) => size === 1) && pads.every((pad) => pad === 0);
  return !isPointwise && first % 4 === 0 && second > 3 && second % 3 === 0 && second % 4 !== 0;
}

interface Window {
  readonly group?: number;
  readonly strides?: readonly number[];
  readonly pads?: readonly number[];
}
