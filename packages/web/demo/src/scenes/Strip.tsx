import { Filmstrip } from '../components/Filmstrip.js';
import { choosePicture, chooseScene } from '../state/actions.js';
import { ownPictures } from '../state/pictures.js';
import { scenes, subject } from './scenes.js';

const drawn = scenes.map(({ picture }) => picture);

/** One's own pictures and the scenes to choose from. */
export function Strip() {
  return (
    <Filmstrip
      pictures={[...ownPictures.value, ...drawn]}
      chosen={subject.value.picture}
      onChoose={(entry) => {
        const scene = scenes.find(({ picture }) => picture === entry);
        if (scene) chooseScene(scene.name);
        else choosePicture(entry);
      }}
    />
  );
}
