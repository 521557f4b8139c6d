// saywhy for Node: core bound to onnxruntime-node, with files, pictures and reports.
export * from '@saywhy/core';
export { fromHuggingFace } from '@saywhy/core/huggingface';
export { huggingFaceTokenizer } from '@saywhy/core/huggingface-tokenizer';
export { decodeNpy, encodeNpy, type Float32Tensor } from '@saywhy/core/npy';
export { type PrepareOptions, prepare } from '@saywhy/core/prepare';
export * from '@saywhy/core/render';
export { parseTarget } from '@saywhy/core/words';
export {
  createExplainer,
  type Explainer,
  type ExplainOptions,
  type NodeInput,
  type SanityCheckOptions,
  type Target,
} from './explainer.js';
export { type BundledModel, bundledModels } from './models/bundled.js';
export { type LoadedModel, loadModel, type ModelSource } from './models/load.js';
export { readLabels, readPreprocess } from './models/options.js';
export { readTokenizer } from './models/tokenizer.js';
export { encodePng } from './pictures/encode.js';
export { type ImageLike, loadPicture, type PictureSource } from './pictures/load.js';
export { type ReportEntry, reportHtml } from './report/index.js';
export { onnxruntimeNode } from './runtime/index.js';
export { type MapFiles, overlay, type SaveKind, type SaveOptions, save } from './save.js';
