import type { ExplanationMap } from '@saywhy/core';
import { useMemo } from 'preact/hooks';
import { contourPath } from '../drawing/contours.js';
import { isConstant } from '../drawing/heat.js';
import { LEVELS } from '../state/levels.js';
import { inUnitsOfData, type Range } from '../state/scale.js';

export function Contours({ map, range }: { readonly map: ExplanationMap; readonly range: Range }) {
  const [low, high] = range;
  const path = useMemo(() => {
    const [height, width] = map.shape as [number, number];
    const [from, to] = inUnitsOfData([low, high], map);
    const levels = map.signed
      ? LEVELS.flatMap((share) => [share * to, -share * to])
      : LEVELS.map((share) => from + share * (to - from));
    return levels.map((level) => contourPath(map.data, width, height, level)).join('');
  }, [map, low, high]);
  if (isConstant(map)) return null;
  const [height, width] = map.shape;
  return (
    <svg class="contours" viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" aria-hidden="true">
      <path class="contours-rim" d={path} />
      <path class="contours-line" d={path} />
    </svg>
  );
}
