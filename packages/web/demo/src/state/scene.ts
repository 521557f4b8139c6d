// What is set where questions are asked and captions written. It stands here, apart from those modes, since links hold it.
import { signal } from '@preact/signals';
import type { PictureEntry } from './pictures.js';

/** The drawn scene's file without its ending; undefined for the first one. */
export const sceneName = signal<string | undefined>(undefined);
/** One's own picture, where that is shown in place of a scene. */
export const instead = signal<PictureEntry | undefined>(undefined);
/** What is asked about it; undefined for the first question that comes with it. */
export const sceneQuestion = signal<string | undefined>(undefined);
