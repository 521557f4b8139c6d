import { shuffled, uniform } from './random.js';

/** The places of a map, the strongest first; equal ones in an order that the seed decides, since a ReLU leaves many at zero. */
export function strongestFirst(map: Float32Array, seed: number): Uint32Array {
  const places = shuffled(
    Uint32Array.from({ length: map.length }, (_, i) => i),
    uniform(seed),
  );
  return places.sort((a, b) => map[b]! - map[a]!);
}
