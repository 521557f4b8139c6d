export * from '@saywhy/core';
export { decodeNpy, encodeNpy, type Float32Tensor } from './npy.js';
export { type ImageLike, loadPicture, type PictureSource } from './pictures/load.js';
export { onnxruntimeNode } from './runtime/index.js';
