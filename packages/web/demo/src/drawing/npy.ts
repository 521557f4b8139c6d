// NumPy's file format, so that a saved map opens with numpy.load.

/** A `.npy` file, format 1.0: little-endian float32, row by row; what `numpy.save` writes, byte for byte. */
export function npyOf(data: Float32Array, shape: readonly number[]): Uint8Array<ArrayBuffer> {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const dictionary = `{'descr': '<f4', 'fortran_order': False, 'shape': ${tuple}, }`;
  // numpy aligns the data to 64 bytes, after room for a first dimension of 21 digits (so that a file can be appended to).
  const room = shape.length === 0 ? 0 : 21 - String(shape[0]).length;
  const length = (Math.floor((10 + dictionary.length + room + 1) / 64) + 1) * 64;
  const header = `\x93NUMPY\x01\0\0\0${dictionary.padEnd(length - 11)}\n`;
  const bytes = new Uint8Array(length + data.length * 4);
  for (let i = 0; i < header.length; i++) bytes[i] = header.charCodeAt(i);
  const view = new DataView(bytes.buffer);
  view.setUint16(8, length - 10, true);
  data.forEach((value, i) => {
    view.setFloat32(length + 4 * i, value, true);
  });
  return bytes;
}
