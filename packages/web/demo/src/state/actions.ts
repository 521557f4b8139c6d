// What the user can do.
import { batch } from '@preact/signals';
import {
  act,
  arrangement,
  asksOwn,
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
  task,
  view,
} from './desk.js';
import { type Compare, type Mode, type Settings, toHash, type View } from './link.js';
import { type ModelEntry, model, models, shelves } from './models.js';
import { addPicture, type PictureEntry, picture, pictures } from './pictures.js';
import { settle } from './problem.js';
import { type Choice, type Evidence, top } from './question.js';
import { instead, sceneName, sceneQuestion } from './scene.js';
import type { Task } from './task.js';

/** Shows a picture where it is asked about: on the desk, or in place of a drawn scene. */
export function choosePicture(entry: PictureEntry, on: Task = task.peek()): void {
  batch(() => {
    act('picture');
    settle('picture');
    if (on === 'what') showOnDesk(entry);
    else instead.value = entry;
  });
}

function showOnDesk(entry: PictureEntry): void {
  if (picture.peek() === entry) return;
  settle('class');
  picture.value = entry;
  choice.value = top;
  if (compare.peek().kind === 'kept') compare.value = { kind: 'none' };
  kept.value = undefined;
}

/** Shows a drawn scene, with the first question that comes with it; one that was asked of one's own model stays. */
export function chooseScene(name: string): void {
  batch(() => {
    act('picture');
    settle('picture', 'question');
    sceneName.value = name;
    instead.value = undefined;
    if (!asksOwn.peek()) sceneQuestion.value = undefined;
  });
}

export function takePicture(file: Blob, name: string): PictureEntry {
  return batch(() => {
    const entry = addPicture(file, name);
    choosePicture(entry);
    return entry;
  });
}

export function chooseModel(entry: ModelEntry): void {
  settle('model');
  putModel(entry, task.peek());
}

/** Makes a model the one that a mode uses; what was set for the last one is over. */
export function putModel(entry: ModelEntry, on: Task): void {
  const { model } = shelves[on];
  if (model.peek() === entry) return;
  batch(() => {
    act('model');
    model.value = entry;
    if (on === 'what') forgetLastModel(entry);
    if (on === 'ask') sceneQuestion.value = undefined;
  });
}

function forgetLastModel({ name }: ModelEntry): void {
  settle('class', 'layer', 'method');
  const { value } = compare;
  if (value.kind === 'kept' || (value.kind === 'model' && value.model === name)) compare.value = { kind: 'none' };
  kept.value = undefined;
  choice.value = top;
  layer.value = 'auto';
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

/** Sets what a link says, as far as it is there; what is one's own is in no link, and stays. */
export function restore(wanted: Settings): void {
  const entry = models.peek().find(({ name }) => name === wanted.model) ?? model.peek() ?? models.peek()[0];
  const shown = pictures.peek().find(({ name }) => name === wanted.picture) ?? picture.peek() ?? pictures.peek()[0];
  batch(() => {
    mode.value = wanted.mode;
    model.value = entry;
    picture.value = shown;
    if (wanted.scene !== undefined) instead.value = undefined;
    if (!instead.value) sceneName.value = wanted.scene;
    if (wanted.question !== undefined || !asksOwn.peek()) sceneQuestion.value = wanted.question;
    method.value = wanted.method;
    choice.value = wanted.choice;
    evidence.value = wanted.evidence;
    layer.value = wanted.layer;
    compare.value = wanted.compare;
    arrangement.value = wanted.arrangement;
    view.value = wanted.view;
  });
}
