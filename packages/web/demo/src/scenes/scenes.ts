// What can be asked about and captioned: the drawn scenes that come with the page, and pictures of one's own.
import { computed } from '@preact/signals';
import described from '../../../../../samples/scenes/scenes.json';
import { type PictureEntry, samplePicture } from '../state/pictures.js';
import { instead, sceneName } from '../state/scene.js';

const files = import.meta.glob<string>('../../../../../samples/scenes/*.png', {
  query: '?url',
  import: 'default',
  eager: true,
});

export interface Subject {
  readonly picture: PictureEntry;
  /** To begin with: of a scene, one of each kind that it allows. */
  readonly questions: readonly string[];
}

interface Scene extends Subject {
  readonly name: string;
}

export const scenes: readonly Scene[] = described.scenes.flatMap(({ file, caption, questions }) => {
  const url = files[`../../../../../samples/scenes/${file}`];
  if (url === undefined) return [];
  const name = file.replace(/\.png$/, '');
  return [{ name, picture: samplePicture(file, caption.text, url), questions: questions.map(({ text }) => text) }];
});

/** Questions that suit any picture. */
const anyQuestions = ['is there a red thing?', 'how many red things are there?', 'what color is the circle?'];

/** What is shown. */
export const subject = computed<Subject>(() => {
  if (instead.value) return { picture: instead.value, questions: anyQuestions };
  return scenes.find(({ name }) => name === sceneName.value) ?? scenes[0]!;
});
