import { main } from '../state/desk.js';
import { explainerOf, model } from '../state/models.js';
import { jumpTo } from './jump.js';

/** Where the model runs, and in a word why not on the graphics processor. */
export function DeviceChip() {
  const explainer = explainerOf(model.value);
  if (!explainer) return null;
  const skipped = main.answer.value?.explanation.warnings.some(({ code }) => code === 'device-skipped');
  const names: Readonly<Record<string, string>> = { webgpu: 'WebGPU', wasm: 'WebAssembly' };
  return (
    <button type="button" class="chip chip-device" onClick={() => jumpTo('about-device')}>
      Runs on <b>{names[explainer.device] ?? explainer.device}</b>
      {skipped && ', WebGPU could not be used'}
    </button>
  );
}
