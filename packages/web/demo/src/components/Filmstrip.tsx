import { choosePicture } from '../state/actions.js';
import { cameraOpen } from '../state/camera.js';
import { picture, pictures } from '../state/pictures.js';
import { FileButton } from './FileButton.js';
import { CameraIcon, PlusIcon } from './icons.js';

/** Pictures to ask about: one's own first, then the samples. */
export function Filmstrip() {
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
      <ul>
        {pictures.value.map((entry) => (
          <li key={entry.url}>
            <button
              type="button"
              class="thumb"
              aria-pressed={entry === picture.value}
              aria-label={entry.title}
              title={entry.title}
              onClick={() => choosePicture(entry)}
            >
              <img src={entry.url} alt="" loading="lazy" decoding="async" />
            </button>
          </li>
        ))}
      </ul>
    </nav>
  );
}
