import { goTo } from '../state/actions.js';
import { mode, settings } from '../state/desk.js';
import { type Mode, modes, toHash } from '../state/link.js';

const titles: Readonly<Record<Mode, string>> = { what: 'What is it?', ask: 'Ask', caption: 'Caption', judge: 'Judge' };

/** Where one can go: links, so that each mode can be opened beside the others and gone back from. */
export function Modes() {
  return (
    <nav class="modes" aria-label="Modes">
      <ul>
        {modes.map((one) => (
          <li key={one}>
            <a
              href={`#${toHash({ ...settings.value, mode: one })}`}
              aria-current={mode.value === one ? 'page' : undefined}
              onClick={(event) => {
                if (event.ctrlKey || event.metaKey || event.shiftKey) return;
                event.preventDefault();
                goTo(one);
              }}
            >
              {titles[one]}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}
