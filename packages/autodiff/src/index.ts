export { differentiableTensors } from './differentiable.js';
export { type DifferentiateOptions, differentiate, type Rules } from './differentiate.js';
export { SaywhyError } from './errors.js';
export { type ExtractOptions, extract } from './extract.js';
export { inlineGraphs } from './inline.js';
export { resolveTensor } from './lookup.js';
export { fromFloat16Bits, toFloat16Bits } from './model/data-types.js';
export { type ExternalReference, externalLocations } from './model/external.js';
export { type ModelBytes, parseModel } from './model/parse.js';
export { makeInitializer, readFloats, readTensor } from './model/tensor-data.js';
export {
  type Attributes,
  type AttributeValue,
  type DataType,
  type Dimension,
  type Graph,
  type Initializer,
  isFloating,
  type Model,
  type Node,
  requiredInputs,
  type Shape,
  type TensorType,
  type Value,
} from './model/types.js';
export { writeModel } from './model/write.js';
export { modules } from './modules.js';
export { nearest } from './nearest.js';
export type { Tensor } from './operators/record.js';
export { type Partition, partition } from './partition.js';

export { isQuantized } from './quantized.js';
export { replaceWeights } from './replace-weights.js';
export { activationsBeyondRelu, deconvnet, guidedBackpropagation } from './rules.js';
export { inferTensors } from './shapes/infer.js';
