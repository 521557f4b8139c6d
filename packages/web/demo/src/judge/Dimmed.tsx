import type { ExplanationMap, Rectangle } from '@saywhy/core';
import { useEffect, useRef } from 'preact/hooks';
import { report } from '../state/problem.js';
import { drawDimmed } from './dimmed.js';

/** A picture in the light of a map. */
export function Dimmed({
  picture,
  map,
  region,
  label,
}: {
  readonly picture: Blob;
  readonly map: ExplanationMap;
  readonly region: Rectangle | undefined;
  readonly label: string;
}) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    drawDimmed(canvas.current!, picture, map, region).catch((error: unknown) => report('study', error));
  }, [picture, map, region]);
  return <canvas ref={canvas} role="img" aria-label={label} />;
}
