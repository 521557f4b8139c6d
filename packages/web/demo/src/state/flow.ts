// What follows from what the user set: models are opened and closed, questions asked, problems told, the address kept up to date.
import { effect, untracked } from '@preact/signals';
import type { Target } from '@saywhy/core';
import { strongestPlace } from '@saywhy/core/words';
import { restore } from './actions.js';
import { announce } from './announce.js';
import type { Answer, Question } from './ask.js';
import { acted, beside, compare, kept, main, mode, question, secondModel, settings } from './desk.js';
import { fromHash, toHash } from './link.js';
import { recordOf } from './methods.js';
import { alsoUsed, close, explainerOf, type ModelEntry, open, shelves } from './models.js';
import { report, settle } from './problem.js';
import { askedIndex, type Choice, hasSides, naming, questionText } from './question.js';

export function startFlow(): void {
  effect(keepUsedModelsOpen);
  effect(askMain);
  effect(askBeside);
  effect(tellProblems);
  effect(tellAnswer);
  effect(writeAddress);
  addEventListener('hashchange', () => {
    if (location.hash.slice(1) !== toHash(settings.peek())) restore(fromHash(location.hash));
  });
}

function keepUsedModelsOpen(): void {
  const isOnDesk = mode.value === 'what';
  const used: readonly (ModelEntry | undefined)[] = [
    ...alsoUsed.value,
    ...(mode.value === 'judge' ? [] : [shelves[mode.value].model.value]),
    ...(isOnDesk ? [secondModel.value] : []),
  ];
  // What another mode has chosen stays as it is.
  const chosen = Object.values(shelves).map((shelf) => shelf.model.value);
  const all = Object.values(shelves).flatMap((shelf) => shelf.models.value);
  untracked(() => {
    for (const entry of all) {
      if (used.includes(entry)) void open(entry);
      else if (!chosen.includes(entry) && entry.state.peek().kind !== 'closed') close(entry);
    }
  });
}

function askMain(): void {
  if (mode.value !== 'what') return;
  const asked = question.value;
  untracked(() => {
    if (!asked) return main.clear();
    const { question: last } = main.answer.peek() ?? {};
    if (last && isSame(last, asked)) {
      main.stop();
      main.problem.value = undefined;
      return;
    }
    if (last && (last.picture !== asked.picture || last.explainer !== asked.explainer)) main.answer.value = undefined;
    void main.ask(asked, acted.peek().at);
  });
}

function isSame(a: Question, b: Question): boolean {
  const same = (['picture', 'explainer', 'method', 'evidence', 'layer'] as const).every((key) => a[key] === b[key]);
  return same && JSON.stringify(a.choice) === JSON.stringify(b.choice);
}

/** The second model is asked the same, once the first one has answered: about the class of the same name, or about its own first. */
function askBeside(): void {
  const entry = secondModel.value;
  const explainer = explainerOf(entry);
  const answer = main.answer.value;
  untracked(() => {
    if (!entry || !explainer || !answer) return beside.clear();
    const { question: asked } = answer;
    const method = explainer.model.methods.includes(asked.method) ? asked.method : explainer.model.methods[0];
    if (method === undefined) return beside.clear();
    const { layers } = explainer.model;
    const layer = layers.some(({ name }) => name === asked.layer) ? asked.layer : 'auto';
    const evidence = hasSides(recordOf(method)) ? asked.evidence : 'for';
    const { labels } = explainerOf(asked.model)?.model ?? {};
    const choice = followedChoice(answer, labels, explainer.model.labels);
    const targets = targetsByName(asked.choice, evidence, labels, explainer.model.labels);
    const followed = {
      ...asked,
      model: entry,
      explainer,
      method,
      layer,
      evidence,
      choice,
      ...(targets && { targets }),
    };
    void beside.ask(followed, acted.peek().at);
  });
}

/** What one model says first is asked of the other, too, if it knows that class. */
function followedChoice({ question, explanation }: Answer, from: Labels, to: Labels): Choice {
  const { choice } = question;
  const label = choice.kind === 'top' ? from?.[askedIndex(choice, explanation.predictions) ?? -1] : undefined;
  const index = label === undefined ? undefined : to?.indexOf(label);
  return index === undefined || index < 0 ? choice : { kind: 'class', index };
}

type Labels = readonly string[] | undefined;

/** Classes of one model as the other numbers them; undefined where the numbers mean the same. */
function targetsByName(asked: Choice, evidence: string, from: Labels, to: Labels): Target[] | undefined {
  if (asked.kind === 'top' || !from || !to) return undefined;
  const translate = (index: number): Target => (from[index] === to[index] ? index : (from[index] ?? index));
  const target: Target =
    asked.kind === 'class' ? translate(asked.index) : { versus: [translate(asked.index), translate(asked.other)] };
  if (evidence === 'for') return [target];
  return evidence === 'against' ? [{ not: target }] : [target, { not: target }];
}

function tellProblems(): void {
  const problem = main.problem.value;
  const other = beside.problem.value;
  untracked(() => {
    const { place } = acted.peek();
    if (problem) report(place, problem);
    else settle('picture', 'model', 'class', 'layer', 'method');
    if (other) report('compare', other);
    else settle('compare');
  });
}

function tellAnswer(): void {
  const answer = main.answer.value;
  if (!answer) return;
  untracked(() => {
    const { explanation, map, question: asked } = answer;
    const name = naming(asked.explainer.model.labels);
    const index = askedIndex(asked.choice, explanation.predictions);
    const title = questionText(asked.choice, asked.evidence, index, name);
    announce(`${title} ${recordOf(asked.method).title}: strongest ${strongestPlace(map.data, map.shape)}.`);
  });
}

function writeAddress(): void {
  const hash = toHash(settings.value);
  untracked(() => {
    if (compare.peek().kind === 'kept' && !kept.peek()) return;
    if (location.hash.slice(1) !== hash) history.replaceState(null, '', hash ? `#${hash}` : location.pathname);
  });
}
