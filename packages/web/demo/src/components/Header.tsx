import { mode } from '../state/desk.js';
import { isOnline, left } from '../state/privacy.js';
import { DeviceChip } from './DeviceChip.js';
import { jumpTo } from './jump.js';
import { Modes } from './Modes.js';

export function Header() {
  return (
    <header class="top">
      <a class="wordmark" href="./" aria-label="saywhy, start again">
        <img src="./icon.svg" alt="" width="26" height="26" />
        saywhy
      </a>
      <Modes />
      <p class="tagline">Drop your own model or picture anywhere.</p>
      <div class="chips">
        {mode.value !== 'judge' && <DeviceChip />}
        <button type="button" class={left.value > 0 ? 'chip chip-bad' : 'chip'} onClick={() => jumpTo('about-privacy')}>
          <b class="numbers">{left.value}</b> requests left this page
          {!isOnline.value && ' · offline'}
        </button>
      </div>
    </header>
  );
}
