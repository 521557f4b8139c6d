export { type Filter, filters } from './filters.js';
export { checkPicture, type Picture, unchangingPicture } from './picture.js';
export { type Preprocessed, preprocess } from './preprocess.js';
export { parsePreprocess } from './preprocess-parse.js';
export { type Plan, planPreprocess } from './preprocess-plan.js';
export {
  type Channels,
  type Crop,
  type Layout,
  type Normalize,
  type Pad,
  type Preprocess,
  type PreprocessStep,
  preprocessPresets,
  type Resize,
  type Size,
} from './preprocess-spec.js';
export type { Rectangle } from './raster.js';
export { resizeMap } from './resize-map.js';
