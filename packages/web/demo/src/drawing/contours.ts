// Lines where a map crosses a level, as SVG paths, which stay sharp at any size. Marching squares (Lorensen and Cline's marching cubes, 1987, in the plane).

/** For each of the 16 cases of corners above the level: pairs of edges (0 top, 1 right, 2 bottom, 3 left) that a line connects. */
const cases: readonly (readonly (readonly [number, number])[])[] = [
  [],
  [[3, 0]],
  [[0, 1]],
  [[3, 1]],
  [[1, 2]],
  [
    [3, 0],
    [1, 2],
  ],
  [[0, 2]],
  [[3, 2]],
  [[2, 3]],
  [[2, 0]],
  [
    [0, 1],
    [2, 3],
  ],
  [[2, 1]],
  [[1, 3]],
  [[1, 0]],
  [[0, 3]],
  [],
];

/**
 * The lines of a field at a level, as the `d` of a path, in units of cells: the centre of the first cell is at 0.5, 0.5.
 * @param values row by row, without NaN
 */
export function contourPath(values: ArrayLike<number>, width: number, height: number, level: number): string {
  const parts: string[] = [];
  for (let y = 0; y < height - 1; y++)
    for (let x = 0; x < width - 1; x++) {
      const at = y * width + x;
      const [a, b, c, d] = [values[at]!, values[at + 1]!, values[at + width + 1]!, values[at + width]!];
      const lines =
        cases[Number(a > level) | (Number(b > level) << 1) | (Number(c > level) << 2) | (Number(d > level) << 3)]!;
      for (const [from, to] of lines)
        parts.push(`M${pointOn(from, x, y, [a, b, c, d], level)}L${pointOn(to, x, y, [a, b, c, d], level)}`);
    }
  return parts.join('');
}

type Corners = readonly [topLeft: number, topRight: number, bottomRight: number, bottomLeft: number];

/** Where the level lies on an edge of the square between four centres, linearly. */
function pointOn(edge: number, x: number, y: number, [a, b, c, d]: Corners, level: number): string {
  const share = (from: number, to: number): number => (level - from) / (to - from);
  const [px, py] = [
    [x + share(a, b), y],
    [x + 1, y + share(b, c)],
    [x + share(d, c), y + 1],
    [x, y + share(a, d)],
  ][edge] as [number, number];
  return `${(px + 0.5).toFixed(2)} ${(py + 0.5).toFixed(2)}`;
}
