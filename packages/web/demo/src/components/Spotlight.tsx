import { isFine } from '../drawing/heat.js';
import { cellAt } from '../drawing/readout.js';
import { sizes } from '../state/pictures.js';
import { inRegion, probe } from '../state/probe.js';
import type { Pane } from '../state/shown.js';
import { placed } from './placed.js';

/** A frame around the cell whose number is read. */
export function Spotlight({ pane: { picture, map, region } }: { readonly pane: Pane }) {
  const size = sizes.value.get(picture.url);
  if (!probe.value || !map || !region || !size) return null;
  const spot = inRegion(probe.value, region, size);
  const cell = cellAt(map, spot.x, spot.y);
  if (!cell) return null;
  const width = region.width / cell.columns;
  const height = region.height / cell.rows;
  const at = { x: region.x + cell.column * width, y: region.y + cell.row * height, width, height };
  return (
    <div class={isFine(map) ? 'spotlight spotlight-fine' : 'spotlight'} style={placed(at, size)} aria-hidden="true" />
  );
}
