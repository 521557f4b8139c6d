import { strongestPlace, targetInWords } from '@saywhy/core/words';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { heatOf, isFine } from '../drawing/heat.js';
import { main, view } from '../state/desk.js';
import { noteDrawn } from '../state/latency.js';
import { recordOf } from '../state/methods.js';
import { broken, noteBroken, noteSize, sizes } from '../state/pictures.js';
import type { Pane } from '../state/shown.js';
import { Contours } from './Contours.js';
import { placed } from './placed.js';

/** The photograph with one map over it. */
export function MapLayer({ pane, isMain = false }: { readonly pane: Pane; readonly isMain?: boolean }) {
  const { picture, map, region, range, waiting } = pane;
  const { opacity, colormap, smooth, contours, base } = view.value;
  const canvas = useRef<HTMLCanvasElement>(null);
  const size = sizes.value.get(picture.url);
  useLayoutEffect(() => {
    if (!canvas.current || !map || !range) return;
    paint(canvas.current, heatOf(map, { range, colormap, smooth }));
    if (isMain) noteDrawn(main.answer.peek());
  }, [map, range?.[0], range?.[1], colormap, smooth, size, isMain]);
  const fine = map !== undefined && isFine(map);
  if (broken.value.has(picture.url)) return <div class="layer layer-broken">This picture cannot be shown.</div>;
  return (
    <div class={`layer layer-${base}${fine ? ' layer-fine' : ''}${waiting ? ' layer-waiting' : ''}`}>
      <img
        class="photo"
        src={picture.url}
        alt={picture.title}
        onError={() => noteBroken(picture.url)}
        onLoad={({ currentTarget: { naturalWidth: width, naturalHeight: height } }) =>
          noteSize(picture.url, { width, height })
        }
      />
      {map && region && size && (
        <div class="seen" style={placed(region, size)}>
          <canvas
            ref={canvas}
            class={smooth || fine ? 'heat' : 'heat heat-cells'}
            style={{ opacity: String(opacity) }}
            role="img"
            aria-label={`${recordOf(map.method).title} for ${targetInWords(map.target)}: strongest ${strongestPlace(map.data, map.shape)}`}
          />
          {contours && !fine && range && <Contours map={map} range={range} />}
        </div>
      )}
    </div>
  );
}

function paint(canvas: HTMLCanvasElement, { data, width, height }: ReturnType<typeof heatOf>): void {
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d')!;
  context.putImageData(new ImageData(data as Uint8ClampedArray<ArrayBuffer>, width, height), 0, 0);
}
