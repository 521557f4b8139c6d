// The number under the pointer.
import type { ExplanationMap } from '@saywhy/core';
import { gridOf } from './heat.js';

export interface Readout {
  readonly row: number;
  readonly column: number;
  readonly rows: number;
  readonly columns: number;
  /** Raw; of a map with several channels the largest magnitude among them, as it is drawn. */
  readonly value: number;
}

/** The value of a cell, by its place counted from the top left, from 0. */
export function readCell(map: ExplanationMap, row: number, column: number): Readout {
  const [rows, columns] = gridOf(map);
  const { data } = map.raw;
  const cells = rows * columns;
  const at = row * columns + column;
  let value = data[at]!;
  if (data.length > cells) {
    value = 0;
    for (let i = at; i < data.length; i += cells) value = Math.max(value, Math.abs(data[i]!));
  }
  return { row, column, rows, columns, value };
}

/** @param x @param y from 0 to 1 across what the model saw */
export function cellAt(map: ExplanationMap, x: number, y: number): Readout | undefined {
  if (!(x >= 0 && x < 1 && y >= 0 && y < 1)) return undefined;
  const [rows, columns] = gridOf(map);
  return readCell(map, Math.floor(y * rows), Math.floor(x * columns));
}

/** The neighbour in an arrow key's direction; fine maps are crossed in larger steps. */
export function stepFrom(
  map: ExplanationMap,
  from: { readonly row: number; readonly column: number } | undefined,
  [down, right]: readonly [number, number],
): Readout {
  const [rows, columns] = gridOf(map);
  const stride = Math.max(1, Math.round(Math.max(rows, columns) / 32));
  const clamp = (value: number, length: number): number => Math.max(0, Math.min(length - 1, value));
  if (!from) return readCell(map, rows >> 1, columns >> 1);
  return readCell(map, clamp(from.row + down * stride, rows), clamp(from.column + right * stride, columns));
}
