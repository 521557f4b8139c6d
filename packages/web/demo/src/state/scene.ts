// What is set in the modes of drawn scenes. It stands here, apart from them, since links hold it.
import { signal } from '@preact/signals';

/** The scene's file without its ending; undefined for the first one. */
export const sceneName = signal<string | undefined>(undefined);
/** What is asked about it; undefined for the scene's first question. */
export const sceneQuestion = signal<string | undefined>(undefined);
