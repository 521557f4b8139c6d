// NumPy's file format, so that a saved map opens with numpy.load.
import { SaywhyError } from './errors.js';

/** An array of float32 numbers, row by row (C order). */
export interface Float32Tensor {
  readonly data: Float32Array;
  readonly shape: readonly number[];
}

const MAGIC = '\x93NUMPY';

/**
 * A `.npy` file, format 1.0, little-endian float32: what `numpy.save` writes, byte for byte.
 * @throws SaywhyError `shape-mismatch` when the shape does not hold the data.
 */
export function encodeNpy({ data, shape }: Float32Tensor): Uint8Array<ArrayBuffer> {
  const elements = shape.reduce((product, size) => product * size, 1);
  if (elements !== data.length) {
    throw new SaywhyError(
      'shape-mismatch',
      `An array of shape [${shape.join(', ')}] has ${elements} elements, not ${data.length}.`,
    );
  }
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const dictionary = `{'descr': '<f4', 'fortran_order': False, 'shape': ${tuple}, }`;
  // numpy aligns the data to 64 bytes, after room for a first dimension of 21 digits (so that a file can be appended to).
  const room = shape.length === 0 ? 0 : 21 - String(shape[0]).length;
  const prefix = MAGIC.length + 2 + 2;
  const length = (Math.floor((prefix + dictionary.length + room + 1) / 64) + 1) * 64;
  const bytes = new Uint8Array(length + data.length * 4);
  const header = `${MAGIC}\x01\0\0\0${dictionary.padEnd(length - prefix - 1)}\n`;
  for (let i = 0; i < header.length; i++) bytes[i] = header.charCodeAt(i);
  const view = new DataView(bytes.buffer);
  view.setUint16(MAGIC.length + 2, length - prefix, true);
  for (let i = 0; i < data.length; i++) view.setFloat32(length + 4 * i, data[i]!, true);
  return bytes;
}

/**
 * Reads what `encodeNpy` and `numpy.save` write: little-endian float32 in C order, format 1 to 3.
 * @throws SaywhyError `invalid-npy` for anything else.
 */
export function decodeNpy(bytes: Uint8Array): Float32Tensor {
  const refuse = (what: string): SaywhyError => new SaywhyError('invalid-npy', `Not a float32 .npy file: ${what}.`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 12 || String.fromCharCode(...bytes.subarray(0, 6)) !== MAGIC)
    throw refuse('it does not start as one');
  const wide = bytes[6]! > 1;
  const start = wide ? 12 : 10;
  const end = start + (wide ? view.getUint32(8, true) : view.getUint16(8, true));
  const header = String.fromCharCode(...bytes.subarray(start, end));
  const descr = /'descr': '([^']*)'/.exec(header)?.[1];
  const shapeText = /'shape': \(([^)]*)\)/.exec(header)?.[1];
  if (descr !== '<f4') throw refuse(`its elements are ${descr ?? 'unknown'}`);
  if (shapeText === undefined || !header.includes("'fortran_order': False"))
    throw refuse('its header is of another kind');
  const shape = shapeText
    .split(',')
    .map((size) => size.trim())
    .filter((size) => size !== '')
    .map(Number);
  const elements = shape.reduce((product, size) => product * size, 1);
  if (bytes.length !== end + 4 * elements) throw refuse(`it has ${bytes.length} bytes, not ${end + 4 * elements}`);
  return { data: Float32Array.from({ length: elements }, (_, i) => view.getFloat32(end + 4 * i, true)), shape };
}
