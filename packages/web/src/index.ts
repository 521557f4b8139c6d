// saywhy for the browser: core bound to onnxruntime-web, in a worker.
export * from '@saywhy/core';
export * from '@saywhy/core/render';
export { createExplainer } from './explainer.js';
export { type CachedModel, cachedModels, deleteCachedModels } from './models/cache.js';
export type {
  Explainer,
  ExplainOptions,
  FileSource,
  HuggingFaceTokenizer,
  ModelSource,
  OneModel,
  PictureSource,
  SanityCheckOptions,
  Target,
  WebExplainerOptions,
  WebInput,
} from './types.js';
