/** Decoded pictures that the worker keeps for further questions about them. */
export const KEPT = 2;

/** The code of the error where it was thought to have one that it has not. */
export const NOT_KEPT = 'picture-not-kept';

/** Read as PIL reads a file: the colours as they are stored, the camera's orientation applied. */
export const asStored: ImageBitmapOptions = {
  imageOrientation: 'from-image',
  premultiplyAlpha: 'none',
  colorSpaceConversion: 'none',
};
