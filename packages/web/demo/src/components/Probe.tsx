import { cellAt, stepFrom } from '../drawing/readout.js';
import { divide } from '../state/desk.js';
import type { PictureSize } from '../state/pictures.js';
import { inRegion, middleOf, probe } from '../state/probe.js';
import type { Pane } from '../state/shown.js';
import { readingText } from './reading.js';

const arrows: Readonly<Record<string, readonly [down: number, right: number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

/** Where each of two maps is shown alone, and both, in a split view. */
const splits: Readonly<Record<string, number>> = { 1: 1, 2: 0, 3: 0.5 };

/** Lies over the picture and reads the map: with the pointer, or cell by cell with the arrow keys. */
export function Probe({ panes, size }: { readonly panes: readonly Pane[]; readonly size: PictureSize }) {
  const pane = panes.find(({ map }) => map !== undefined);
  if (!pane?.map || !pane.region) return null;
  const { map, region } = pane;
  const spot = probe.value && inRegion(probe.value, region, size);
  const cell = spot && cellAt(map, spot.x, spot.y);
  return (
    <div
      class="probe"
      role="slider"
      tabIndex={0}
      aria-label="Values of the map: the arrow keys go from cell to cell"
      aria-valuemin={0}
      aria-valuemax={cell ? cell.rows * cell.columns - 1 : 0}
      aria-valuenow={cell ? cell.row * cell.columns + cell.column : 0}
      aria-valuetext={cell ? readingText(cell, map) : 'no cell chosen'}
      onPointerMove={({ currentTarget, clientX, clientY }) => {
        const box = currentTarget.getBoundingClientRect();
        probe.value = { x: (clientX - box.left) / box.width, y: (clientY - box.top) / box.height };
      }}
      onPointerLeave={() => {
        probe.value = undefined;
      }}
      onBlur={() => {
        probe.value = undefined;
      }}
      onKeyDown={(event) => {
        const step = arrows[event.key];
        if (step) {
          event.preventDefault();
          probe.value = middleOf(stepFrom(map, cell, step), region, size);
        } else if (event.key === 'Escape') probe.value = undefined;
        else if (panes.length > 1 && event.key in splits) divide.value = splits[event.key]!;
      }}
    />
  );
}
