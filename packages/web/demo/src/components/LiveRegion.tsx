import { announcement } from '../state/announce.js';

export function LiveRegion() {
  return (
    <p class="visually-hidden" role="status">
      {announcement.value}
    </p>
  );
}
