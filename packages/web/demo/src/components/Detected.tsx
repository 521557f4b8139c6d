import { sizes } from '../state/pictures.js';
import type { Pane } from '../state/shown.js';
import { placed } from './placed.js';

/** Where a detector sees what is asked about; what of it lies outside the picture is cut off. */
export function Detected({ pane: { picture, box } }: { readonly pane: Pane }) {
  const size = sizes.value.get(picture.url);
  if (!box || !size) return null;
  const [x, y] = [Math.max(0, box.x), Math.max(0, box.y)];
  const width = Math.min(size.width, box.x + box.width) - x;
  const height = Math.min(size.height, box.y + box.height) - y;
  return <div class="detected" style={placed({ x, y, width, height }, size)} aria-hidden="true" />;
}
