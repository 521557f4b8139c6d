import { divide } from '../state/desk.js';
import { sizes } from '../state/pictures.js';
import type { Pane } from '../state/shown.js';
import { Detected } from './Detected.js';
import { Divider } from './Divider.js';
import { MapLayer } from './MapLayer.js';
import { Probe } from './Probe.js';
import { Spotlight } from './Spotlight.js';

/** One picture at its own proportions; with another map over it, the two meet at a line that can be moved. */
export function Stage({
  main,
  other,
  isMain = false,
  captioned = false,
}: {
  readonly main: Pane;
  readonly other?: Pane | undefined;
  readonly isMain?: boolean;
  readonly captioned?: boolean;
}) {
  const size = sizes.value.get(main.picture.url);
  const ratio = size ? size.width / size.height : 4 / 3;
  return (
    <figure class="stage" style={{ '--ratio': ratio.toFixed(4), '--divide': `${(divide.value * 100).toFixed(2)}%` }}>
      <div class={other ? 'frame frame-split' : 'frame'}>
        <MapLayer pane={main} isMain={isMain} />
        {other && <MapLayer pane={other} />}
        <Detected pane={main} />
        <Spotlight pane={main} />
        {size && <Probe panes={other ? [main, other] : [main]} size={size} />}
        {other && <Divider names={[main.caption, other.caption]} />}
      </div>
      {(other || captioned) && (
        <figcaption class="pane-captions">
          <span>{main.caption}</span>
          {other && <span>{other.caption}</span>}
        </figcaption>
      )}
    </figure>
  );
}
