import { megabytes } from '@saywhy/core/words';
import { useEffect } from 'preact/hooks';
import { arrival } from '../state/arrival.js';
import type { Side } from '../state/ask.js';
import { task } from '../state/desk.js';
import type { Latest } from '../state/latest.js';
import { type Download, hold, type ModelEntry, type ModelState, shelves } from '../state/models.js';

/** What is asked of a model. */
type Work = Pick<Side | Latest<unknown>, 'pending' | 'progress' | 'stop'>;

/** What is being waited for, over the picture: in megabytes where something is downloaded, in runs where the model works. */
export function Waiting({
  work,
  second,
  onStop = () => work.stop(),
}: {
  readonly work: Work;
  readonly second?: ModelEntry | undefined;
  readonly onStop?: () => void;
}) {
  const told = waitingFor(work, second, onStop);
  useEffect(() => {
    if (!told) return undefined;
    const listen = ({ key, defaultPrevented }: KeyboardEvent): void => {
      if (key === 'Escape' && !defaultPrevented) told.stop();
    };
    document.addEventListener('keydown', listen);
    return () => document.removeEventListener('keydown', listen);
  });
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

type Opening = Extract<ModelState, { kind: 'opening' }>;

interface Told {
  readonly text: string;
  readonly share?: number;
}

function waitingFor(
  work: Work,
  second: ModelEntry | undefined,
  onStop: () => void,
): (Told & { readonly stop: () => void }) | undefined {
  for (const entry of [arrival.value?.entry, shelves[task.value].model.value, second]) {
    const state = entry?.state.value;
    if (entry && state?.kind === 'opening') return { ...opening(entry, state), stop: () => hold(entry) };
  }
  const { value } = work.progress;
  if (!work.pending.value || value?.stage !== 'run' || value.total < MANY) return undefined;
  return {
    text: `Run ${value.loaded} of ${value.total} of the model`,
    share: value.loaded / value.total,
    stop: onStop,
  };
}

/** Fewer runs than these are over before one has read that they run. */
const MANY = 8;

function opening({ title, bytes, bundled }: ModelEntry, { progress, downloads }: Opening): Told {
  if (progress?.stage === 'prepare')
    return { text: progress.what === 'differentiate' ? `Reading ${title}` : `Making ${title} ready` };
  // A model of one's own is here already; what runs it may not be.
  const files: Download[] = Object.entries(downloads).map(([name, file]) =>
    bundled && isModel(name) ? { ...file, total: bytes } : file,
  );
  if (bundled && !Object.keys(downloads).some(isModel)) files.push({ loaded: 0, total: bytes });
  if (files.length === 0) return { text: `Opening ${title}: ${megabytes(bytes)} MB` };
  const loaded = files.reduce((sum, file) => sum + file.loaded, 0);
  const total = files.reduce((sum, file) => sum + (file.total ?? file.loaded), 0);
  return {
    text: `Loading ${title} and what runs it: ${megabytes(loaded)} of ${megabytes(total)} MB`,
    share: loaded / total,
  };
}

const isModel = (file: string): boolean => file.endsWith('.onnx');
