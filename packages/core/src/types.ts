// The public contracts: what goes in, what comes out, and what a runtime must provide.
export type { DataType, Dimension, Model, ModelBytes } from '@saywhy/autodiff';
export type { Tensor } from 'onnxruntime-common';
export type * from './types/explainer.js';
export type * from './types/model-info.js';
export type * from './types/options.js';
export type * from './types/results.js';
export type * from './types/runtime.js';
export type * from './types/texts.js';
