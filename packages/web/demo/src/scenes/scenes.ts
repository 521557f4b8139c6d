// The drawn scenes that come with the page, with what can be asked about each.

import described from '../../../../../samples/scenes/scenes.json';
import { samplePicture } from '../state/pictures.js';

const files = import.meta.glob<string>('../../../../../samples/scenes/*.png', {
  query: '?url',
  import: 'default',
  eager: true,
});

export interface Scene {
  readonly name: string;
  readonly picture: ReturnType<typeof samplePicture>;
  /** Questions that the model learned to answer, one of each kind that the scene allows. */
  readonly questions: readonly string[];
}

export const scenes: readonly Scene[] = described.scenes.flatMap(({ file, caption, questions }) => {
  const url = files[`../../../../../samples/scenes/${file}`];
  if (url === undefined) return [];
  const name = file.replace(/\.png$/, '');
  return [{ name, picture: samplePicture(file, caption.text, url), questions: questions.map(({ text }) => text) }];
});

export const sceneOf = (name: string | undefined): Scene => scenes.find((scene) => scene.name === name) ?? scenes[0]!;
