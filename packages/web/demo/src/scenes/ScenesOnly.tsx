import { WarningIcon } from '../components/icons.js';
import type { ModelEntry } from '../state/models.js';
import { subject } from './scenes.js';

/** What a model that has seen nothing but drawings says of a photograph. */
export function ScenesOnly({ entry }: { readonly entry: ModelEntry | undefined }) {
  if (!entry?.bundled || subject.value.picture.sample) return null;
  return (
    <p class="note">
      <WarningIcon />
      <span>
        {entry.title} knows drawn scenes only: of a photograph its words mean little. Open a model of your own for that.
      </span>
    </p>
  );
}
