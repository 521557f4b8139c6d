import { useEffect, useRef } from 'preact/hooks';
import { cameraOpen } from '../state/camera.js';
import type { PictureEntry } from '../state/pictures.js';
import { FileButton } from './FileButton.js';
import { CameraIcon, PlusIcon } from './icons.js';

/** Pictures to ask about: one's own first, then the samples. */
export function Filmstrip({
  pictures,
  chosen,
  onChoose,
}: {
  readonly pictures: readonly PictureEntry[];
  readonly chosen: PictureEntry | undefined;
  readonly onChoose: (entry: PictureEntry) => void;
}) {
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => reveal(list.current!), [chosen, pictures.length]);
  return (
    <nav class="filmstrip" aria-label="Pictures">
      <div class="filmstrip-own">
        <FileButton place="picture" accept="image/*" className="thumb thumb-action">
          <PlusIcon />
          <span class="thumb-text">Yours</span>
          <span class="visually-hidden">: open a picture</span>
        </FileButton>
        <button
          type="button"
          class="thumb thumb-action"
          onClick={() => {
            cameraOpen.value = true;
          }}
        >
          <CameraIcon />
          <span class="thumb-text">Camera</span>
        </button>
      </div>
      <ul ref={list}>
        {pictures.map((entry) => (
          <li key={entry.url}>
            <button
              type="button"
              class="thumb"
              aria-pressed={entry === chosen}
              aria-label={entry.title}
              title={entry.title}
              onClick={() => onChoose(entry)}
            >
              <img src={entry.url} alt="" loading="lazy" decoding="async" />
            </button>
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** Scrolls the strip, and nothing else, until the chosen picture is in sight. */
function reveal(list: HTMLElement): void {
  const chosen = list.querySelector('[aria-pressed="true"]');
  if (!chosen) return;
  const [strip, thumb] = [list.getBoundingClientRect(), chosen.getBoundingClientRect()];
  if (thumb.bottom > strip.bottom || thumb.top < strip.top) list.scrollTop += thumb.top - strip.top - 8;
  if (thumb.right > strip.right || thumb.left < strip.left) list.scrollLeft += thumb.left - strip.left - 8;
}
