// What the user can do.
import { batch } from '@preact/signals';
import { methods } from '@saywhy/core';
import { announce } from './announce.js';
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
import { type Compare, defaults, type Mode, type Settings, toHash, type View } from './link.js';
import { type ModelEntry, model, models, shelves } from './models.js';
import { addPicture, type PictureEntry, picture, pictures, removePicture } from './pictures.js';
import { problemAt, report, settle } from './problem.js';
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

/** Stops what is being asked: what is set is what is shown again. */
export function stopAsking(): void {
  main.stop();
  announce('Stopped.');
  const { question } = main.answer.peek() ?? {};
  if (!question) return;
  batch(() => {
    method.value = question.method;
    choice.value = question.choice;
    evidence.value = question.evidence;
    layer.value = question.layer;
  });
}

/** What is wrong with a picture rather than with what is asked of it. */
const ofPictures: ReadonlySet<string> = new Set([
  'invalid-picture',
  'not-a-picture',
  'picture-too-large',
  'unsupported-picture',
]);

/** Has read what is wrong; a picture of one's own that cannot be read goes with it. */
export function dismissPicture(): void {
  const problem = problemAt('picture');
  const entry = picture.peek();
  settle('picture');
  if (!problem || !ofPictures.has(problem.code) || !entry || entry.sample || main.answer.peek()) return;
  batch(() => {
    removePicture(entry);
    const [next] = pictures.peek();
    if (next) showOnDesk(next);
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

const isThere = (value: Compare): boolean =>
  value.kind !== 'model' || models.peek().some(({ name }) => name === value.model);

/** What a link names and the page does not have. */
function missingFrom({ model, picture, method, compare }: Settings): string[] {
  const isKnown = (list: readonly { readonly name: string }[], wanted: string | undefined) =>
    wanted === undefined || list.some(({ name }) => name === wanted);
  return [
    ...(isKnown(models.peek(), model) ? [] : [`the model “${model}”`]),
    ...(isKnown(pictures.peek(), picture) ? [] : [`the picture “${picture}”`]),
    ...(isKnown(methods, method) ? [] : [`the method “${method}”`]),
    ...(compare.kind !== 'model' || isThere(compare) ? [] : [`the model “${compare.model}”`]),
  ];
}

/** Sets what a link says, as far as it is there; what is one's own is in no link, and stays. */
export function restore(wanted: Settings): void {
  const entry = models.peek().find(({ name }) => name === wanted.model) ?? model.peek() ?? models.peek()[0];
  const shown = pictures.peek().find(({ name }) => name === wanted.picture) ?? picture.peek() ?? pictures.peek()[0];
  const missing = missingFrom(wanted);
  const isMethod = methods.some(({ name }) => name === wanted.method);
  batch(() => {
    settle('link');
    if (missing.length > 0)
      report('link', {
        code: 'not-in-this-page',
        message: `The link names what this page does not have: ${missing.join(', ')}. It shows what it has instead.`,
      });
    mode.value = wanted.mode;
    model.value = entry;
    picture.value = shown;
    if (wanted.scene !== undefined) instead.value = undefined;
    if (!instead.value) sceneName.value = wanted.scene;
    if (wanted.question !== undefined || !asksOwn.peek()) sceneQuestion.value = wanted.question;
    method.value = isMethod ? wanted.method : defaults.method;
    choice.value = wanted.choice;
    evidence.value = wanted.evidence;
    layer.value = wanted.layer;
    compare.value = isThere(wanted.compare) ? wanted.compare : defaults.compare;
    arrangement.value = wanted.arrangement;
    view.value = wanted.view;
  });
}
