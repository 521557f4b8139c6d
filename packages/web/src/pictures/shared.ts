/** Decoded pictures that the worker keeps for further questions about them. */
export const KEPT = 2;

/** Read as PIL reads a file: the colours as they are stored, the camera's orientation applied. */
export const asStored: ImageBitmapOptions = {
  imageOrientation: 'from-image',
  premultiplyAlpha: 'none',
  colorSpaceConversion: 'none',
};
