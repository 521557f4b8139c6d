// What the user can do.
import { batch } from '@preact/signals';
import {
  act,
  arrangement,
  choice,
  compare,
  divide,
  evidence,
  kept,
  layer,
  main,
  method,
  mode,
  settings,
  view,
} from './desk.js';
import { type Compare, type Mode, type Settings, toHash, type View } from './link.js';
import { type ModelEntry, model, models } from './models.js';
import { addPicture, ownPicture, type PictureEntry, picture, pictures } from './pictures.js';
import { settle } from './problem.js';
import { type Choice, type Evidence, top } from './question.js';
import { sceneName, sceneQuestion } from './scene.js';

export function choosePicture(entry: PictureEntry): void {
  if (picture.peek() === entry) return;
  batch(() => {
    act('picture');
    settle('picture', 'class');
    picture.value = entry;
    choice.value = top;
    if (compare.peek().kind === 'kept') compare.value = { kind: 'none' };
    kept.value = undefined;
  });
}

export function takePicture(file: Blob, name: string): void {
  const entry = ownPicture(file, name);
  batch(() => {
    addPicture(entry);
    choosePicture(entry);
  });
}

export function chooseModel(entry: ModelEntry): void {
  settle('model');
  if (model.peek() === entry) return;
  batch(() => {
    act('model');
    settle('class', 'layer', 'method');
    const { value } = compare;
    if (value.kind === 'kept' || (value.kind === 'model' && value.model === entry.name))
      compare.value = { kind: 'none' };
    kept.value = undefined;
    choice.value = top;
    layer.value = 'auto';
    model.value = entry;
  });
}

export function addModel(entry: ModelEntry): void {
  batch(() => {
    models.value = [...models.peek().filter(({ name }) => name !== entry.name), entry];
    chooseModel(entry);
  });
}

export function choose(wanted: Choice): void {
  batch(() => {
    act('class');
    choice.value = wanted;
  });
}

/** A rather than B becomes B rather than A. */
export function swap(): void {
  const { value } = choice;
  if (value.kind === 'versus') choose({ kind: 'versus', index: value.other, other: value.index });
}

export function chooseEvidence(wanted: Evidence): void {
  batch(() => {
    act('class');
    evidence.value = wanted;
  });
}

export function chooseMethod(wanted: string): void {
  batch(() => {
    act('method');
    method.value = wanted;
  });
}

export function chooseLayer(wanted: string): void {
  batch(() => {
    act('layer');
    layer.value = wanted;
  });
}

export function chooseCompare(wanted: Compare): void {
  batch(() => {
    act('compare');
    settle('compare');
    compare.value = wanted;
    divide.value = 0.5;
  });
}

/** Puts the map in question aside, to compare the next ones with it. */
export function keep(): void {
  const answer = main.answer.peek();
  if (!answer) return;
  batch(() => {
    kept.value = answer;
    chooseCompare({ kind: 'kept' });
  });
}

export function draw(changes: Partial<View>): void {
  view.value = { ...view.peek(), ...changes };
}

/** Opens a mode, as a page that one can go back from. */
export function goTo(wanted: Mode): void {
  if (mode.peek() === wanted) return;
  history.pushState(null, '', `#${toHash({ ...settings.peek(), mode: wanted })}`);
  mode.value = wanted;
}

/** Sets what a link says, as far as it is there. */
export function restore(wanted: Settings): void {
  const entry = models.peek().find(({ name }) => name === wanted.model) ?? model.peek() ?? models.peek()[0];
  const shown = pictures.peek().find(({ name }) => name === wanted.picture) ?? picture.peek() ?? pictures.peek()[0];
  batch(() => {
    mode.value = wanted.mode;
    model.value = entry;
    picture.value = shown;
    sceneName.value = wanted.scene;
    sceneQuestion.value = wanted.question;
    method.value = wanted.method;
    choice.value = wanted.choice;
    evidence.value = wanted.evidence;
    layer.value = wanted.layer;
    compare.value = wanted.compare;
    arrangement.value = wanted.arrangement;
    view.value = wanted.view;
  });
}
