import type { ExplanationMap, Rectangle } from '@saywhy/core';
import type { ComponentProps } from 'preact';
import { Camera } from '../components/Camera.js';
import { Scale } from '../components/Legend.js';
import { ProblemNote } from '../components/ProblemNote.js';
import { Stage } from '../components/Stage.js';
import { Waiting } from '../components/Waiting.js';
import { isConstant } from '../drawing/heat.js';
import { cameraOpen } from '../state/camera.js';
import { type PictureEntry, sizes } from '../state/pictures.js';
import type { Pane } from '../state/shown.js';

/** A picture with a map over it, and what its colours stand for. */
export function SceneView({
  picture,
  map,
  region,
  caption,
  work,
}: {
  readonly picture: PictureEntry;
  readonly map: ExplanationMap | undefined;
  readonly region: Rectangle | undefined;
  readonly caption: string;
  readonly work: ComponentProps<typeof Waiting>['work'];
}) {
  const size = sizes.value.get(picture.url);
  const whole = size && { x: 0, y: 0, ...size };
  const pane: Pane = {
    picture,
    caption,
    waiting: work.pending.value,
    ...(map && { map, range: map.range }),
    ...((region ?? whole) && { region: region ?? whole }),
  };
  return (
    <section class="viewer" aria-label="The picture and its map">
      <div class="viewing" id="viewing" tabIndex={-1}>
        <div class="mat">
          {cameraOpen.value ? (
            <Camera />
          ) : (
            <>
              <Stage main={pane} />
              <Waiting work={work} />
            </>
          )}
        </div>
        <ProblemNote place="picture" />
        {map && isConstant(map) && (
          <p class="problem" role="status">
            The map is blank: nothing in the layer {map.layer.name} speaks for {caption}. Try another method.
          </p>
        )}
        {map && pane.range ? <Scale pane={pane} /> : <div class="legend" />}
      </div>
    </section>
  );
}
