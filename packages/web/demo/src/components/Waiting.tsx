import type { Progress } from '@saywhy/core';
import { main, secondModel } from '../state/desk.js';
import { hold, type ModelEntry, model } from '../state/models.js';
import { megabytes } from '../words.js';

/** What is being waited for, over the picture: in megabytes where something is downloaded, in runs where the model works. */
export function Waiting() {
  const told = waitingFor();
  if (!told) return null;
  const { text, share, stop } = told;
  return (
    <div class="waiting">
      <p>
        {text}
        <button type="button" class="link" onClick={stop}>
          Stop
        </button>
      </p>
      <progress max={1} value={share} aria-label={text} />
    </div>
  );
}

interface Told {
  readonly text: string;
  readonly share?: number;
}

function waitingFor(): (Told & { readonly stop: () => void }) | undefined {
  for (const entry of [model.value, secondModel.value]) {
    const state = entry?.state.value;
    if (entry && state?.kind === 'opening') return { ...opening(entry, state.progress), stop: () => hold(entry) };
  }
  const { value } = main.progress;
  if (!main.pending.value || value?.stage !== 'run' || value.total < MANY) return undefined;
  return {
    text: `Run ${value.loaded} of ${value.total} of the model`,
    share: value.loaded / value.total,
    stop: () => main.stop(),
  };
}

/** Fewer runs than these are over before one has read that they run. */
const MANY = 8;

function opening({ title, bytes }: ModelEntry, progress: Progress | undefined): Told {
  if (progress?.stage === 'download') {
    const total = progress.total ?? (progress.what === 'model' ? bytes : undefined);
    const of = total === undefined ? '' : ` of ${megabytes(total)}`;
    const what = progress.what === 'model' ? title : progress.what;
    return {
      text: `Loading ${what}: ${megabytes(progress.loaded)}${of} MB`,
      ...(total !== undefined && { share: Math.min(1, progress.loaded / total) }),
    };
  }
  if (progress?.stage === 'prepare')
    return { text: progress.what === 'differentiate' ? `Reading ${title}` : `Making ${title} ready` };
  return { text: `Loading ${title}: ${megabytes(bytes)} MB` };
}
