import { task } from '../state/desk.js';
import { explainerOf, shelves } from '../state/models.js';
import { jumpTo } from './jump.js';

/** Where the model runs; why not on the graphics processor stands with the model. */
export function DeviceChip() {
  const explainer = explainerOf(shelves[task.value].model.value);
  if (!explainer) return null;
  return (
    <button type="button" class="chip chip-device" onClick={() => jumpTo('about-device')}>
      Runs on <b>{explainer.device === 'webgpu' ? 'your graphics processor' : 'your processor'}</b>
    </button>
  );
}
