import type { Picture } from '../images/picture.js';

/**
 * Draws white lines with a dark rim where the field crosses the levels, in place. A pixel's distance to a line is how far
 * its value is from the level over how fast the field changes there, so lines are smooth and of one width.
 *
 * @param field a value for each pixel, NaN where there is none.
 * @param symmetric whether each level is drawn on both sides of zero.
 */
export function drawContours(
  picture: Picture,
  field: Float32Array,
  levels: readonly number[],
  symmetric: boolean,
): void {
  const { data, width, height } = picture;
  const halfWidth = Math.max(0.5, Math.max(width, height) / 900);
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const i = y * width + x;
      const value = symmetric ? Math.abs(field[i]!) : field[i]!;
      const dx = field[i + 1]! - field[i - 1]!;
      const dy = field[i + width]! - field[i - width]!;
      const slope = Math.sqrt(dx * dx + dy * dy) / 2;
      if (!(slope > 0)) continue;
      let distance = Number.POSITIVE_INFINITY;
      for (const level of levels) distance = Math.min(distance, Math.abs(value - level) / slope);
      const line = coverage(halfWidth - distance);
      const rim = coverage(halfWidth * 2.2 - distance) * 0.5;
      if (rim === 0) continue;
      for (let c = 0; c < 3; c++) {
        const under = data[i * 4 + c]! * (1 - rim);
        data[i * 4 + c] = under + (255 - under) * line;
      }
    }
  }
}

/** How much of a pixel is inside an edge that lies `inside` pixels beyond its centre. */
function coverage(inside: number): number {
  return Math.max(0, Math.min(1, inside + 0.5));
}
