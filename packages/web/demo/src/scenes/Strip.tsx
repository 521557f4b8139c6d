import { sceneName, sceneQuestion } from '../state/scene.js';
import { type Scene, scenes } from './scenes.js';

/** The scenes to choose from. */
export function Strip({ scene }: { readonly scene: Scene }) {
  return (
    <nav class="filmstrip filmstrip-scenes" aria-label="Pictures">
      <ul>
        {scenes.map((one) => (
          <li key={one.name}>
            <button
              type="button"
              class="thumb"
              aria-pressed={one === scene}
              aria-label={one.picture.title}
              title={one.picture.title}
              onClick={() => {
                sceneName.value = one.name;
                sceneQuestion.value = undefined;
              }}
            >
              <img src={one.picture.url} alt="" loading="lazy" decoding="async" />
            </button>
          </li>
        ))}
      </ul>
    </nav>
  );
}
