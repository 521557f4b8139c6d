import { useSignal } from '@preact/signals';
import { announce } from '../state/announce.js';
import { settings } from '../state/desk.js';
import { toHash } from '../state/link.js';
import { report, settle } from '../state/problem.js';
import { saveJson, saveMap, saveOverlay } from '../state/save.js';
import type { Keepsake } from '../state/shown.js';
import { ProblemNote } from './ProblemNote.js';

/** Files of what is seen, and a link that brings the settings back. */
export function Save({ what }: { readonly what: Keepsake | undefined }) {
  const copied = useSignal(false);
  const attempt = async (done: string, save: () => Promise<void> | void): Promise<void> => {
    settle('save');
    try {
      await save();
      announce(done);
    } catch (error) {
      report('save', error);
    }
  };
  const copyLink = async (): Promise<void> => {
    const hash = toHash(settings.peek());
    await navigator.clipboard.writeText(`${location.href.split('#')[0]}${hash ? `#${hash}` : ''}`);
    copied.value = true;
    setTimeout(() => {
      copied.value = false;
    }, 2000);
  };
  const own = what && (!what.picture.sample || !what.model.bundled);
  return (
    <div class="save">
      <span class="caption">Save</span>
      <button
        type="button"
        class="button button-small"
        disabled={!what}
        onClick={() => void attempt('Picture saved', () => saveOverlay(what!))}
      >
        Picture
      </button>
      <button
        type="button"
        class="button button-small"
        disabled={!what}
        onClick={() => void attempt('Map saved', () => saveMap(what!))}
      >
        Map (.npy)
      </button>
      <button
        type="button"
        class="button button-small"
        disabled={!what}
        onClick={() => void attempt('JSON saved', () => saveJson(what!))}
      >
        JSON
      </button>
      <button type="button" class="button button-small" onClick={() => void attempt('Link copied', copyLink)}>
        {copied.value ? 'Copied' : 'Copy a link'}
      </button>
      {own && <span class="small quiet">A link keeps the settings; your own files stay with you.</span>}
      <ProblemNote place="save" />
    </div>
  );
}
