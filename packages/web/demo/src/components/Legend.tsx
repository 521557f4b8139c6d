import type { ExplanationMap } from '@saywhy/core';
import { number, percent } from '@saywhy/core/words';
import { gridOf, isConstant, isFine, rampOf } from '../drawing/heat.js';
import { cellAt } from '../drawing/readout.js';
import { draw } from '../state/actions.js';
import { view } from '../state/desk.js';
import { familyOf, recordOf } from '../state/methods.js';
import { sizes } from '../state/pictures.js';
import { inRegion, probe } from '../state/probe.js';
import type { Pane } from '../state/shown.js';
import { shown } from '../state/shown.js';
import { readingText } from './reading.js';

/** The legend of what stands on the desk. */
export function Legend() {
  const { value } = shown;
  const pane = value?.main.map ? value.main : value?.other;
  return pane?.map && pane.range ? <Scale pane={pane} common={value?.common} /> : <div class="legend" />;
}

/** What the colours stand for, in the method's own numbers, and the number under the pointer. */
export function Scale({
  pane,
  common,
}: {
  readonly pane: Pane;
  /** Whether two maps have one scale; undefined where there are not two. */
  readonly common?: boolean | undefined;
}) {
  const { map, range } = pane;
  if (!map || !range) return null;
  const clipped = isFine(map) && map.raw.shape.length > map.shape.length;
  const cell = readCellOf(pane);
  const [low, high] = range;
  const at = cell && high > low ? (cell.value - low) / (high - low) : undefined;
  const [rows, columns] = gridOf(map);
  const title = recordOf(map.method).title;
  return (
    <div class="legend">
      <div class="legend-scale">
        <span class="numbers">
          <span class="visually-hidden">{title}, from </span>
          {map.signed ? `against ${number(low)}` : number(low)}
        </span>
        <span class="ramp" style={{ backgroundImage: rampOf(map.signed, view.value.colormap) }} aria-hidden="true">
          {at !== undefined && <i style={{ left: `${(Math.max(0, Math.min(1, at)) * 100).toFixed(1)}%` }} />}
        </span>
        <span class="numbers">
          <span class="visually-hidden">to </span>
          {map.signed ? 'for ' : ''}
          {clipped ? '≥ ' : ''}
          {number(high)}
        </span>
      </div>
      <p class="legend-note numbers">
        {cell
          ? readingText(cell, map)
          : `${title}, ${gridText(map, rows, columns)}${common ? ', one scale for both' : ''}`}
        {!cell && common === false && ', each on its own scale'}
      </p>
      {pane.faint !== undefined && !isConstant(map) && (
        <p class="legend-note legend-faint">
          {pane.isNothing
            ? 'Near zero: nothing here moves the score by a millionth of what it is.'
            : `Near zero: its peak is ${percent(pane.faint)} of the strongest map seen here, and it is drawn on that one’s scale.`}{' '}
          <button type="button" class="link" onClick={() => draw({ stretch: true })}>
            Stretch it all the same
          </button>
        </p>
      )}
    </div>
  );
}

function gridText(map: ExplanationMap, rows: number, columns: number): string {
  if (familyOf(recordOf(map.method)) === 'runs') return 'each pixel by the patches that covered it';
  return isFine(map) ? `each of ${rows} × ${columns} pixels` : `${rows} × ${columns} cells`;
}

function readCellOf({ map, region, picture }: Pane) {
  const size = sizes.value.get(picture.url);
  if (!probe.value || !map || !region || !size) return undefined;
  const spot = inRegion(probe.value, region, size);
  return cellAt(map, spot.x, spot.y);
}
