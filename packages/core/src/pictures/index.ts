// An entry of its own, for adapters: picture files, by what their first bytes say, and the pictures that targets compare with. Each platform has its own decoders.
export { applyOrientation, type Orientation } from '../images/orientation.js';
export { isVector, withCompared } from '../targets/compared.js';
export { type PictureFormat, pictureFormat } from './format.js';
export { type PictureHeader, readHeader } from './header.js';
export { type Decode, MAX_PIXELS, readPicture } from './read.js';
