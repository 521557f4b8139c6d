// An entry of its own: ndarray generates code when it runs, which a strict Content-Security-Policy forbids.
import ndarray, { type NdArray } from 'ndarray';
import type { ExplanationMap } from './types.js';

/** A map as an ndarray, without a copy: [rows, columns] as shown, or with `raw` the method's own values. */
export function toNdarray(
  map: Pick<ExplanationMap, 'data' | 'shape' | 'raw'>,
  { raw = false }: { readonly raw?: boolean } = {},
): NdArray<Float32Array> {
  const { data, shape } = raw ? map.raw : map;
  return ndarray(data, [...shape]);
}
