import type { ExplanationMap, Rectangle } from '@saywhy/core';
import { Scale } from '../components/Legend.js';
import { Stage } from '../components/Stage.js';
import { isConstant } from '../drawing/heat.js';
import { sizes } from '../state/pictures.js';
import type { Pane } from '../state/shown.js';
import type { Scene } from './scenes.js';

/** A scene with a map over it, and what its colours stand for. */
export function SceneView({
  scene,
  map,
  region,
  caption,
  waiting,
}: {
  readonly scene: Scene;
  readonly map: ExplanationMap | undefined;
  readonly region: Rectangle | undefined;
  readonly caption: string;
  readonly waiting: boolean;
}) {
  const size = sizes.value.get(scene.picture.url);
  const whole = size && { x: 0, y: 0, ...size };
  const pane: Pane = {
    picture: scene.picture,
    caption,
    waiting,
    ...(map && { map, range: map.range }),
    ...((region ?? whole) && { region: region ?? whole }),
  };
  return (
    <section class="viewer" aria-label="The picture and its map">
      <div class="viewing">
        <div class="mat">
          <Stage main={pane} />
        </div>
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
