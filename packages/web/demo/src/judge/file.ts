// A study as a file: all that is needed to count it again.
import manifest from '@saywhy/models/manifest.json';
import { download } from '../state/download.js';
import type { Trial } from './plan.js';
import { answers, plan, rows, seed, studied, study } from './session.js';
import { type Answered, isRight, scoreOf } from './tally.js';

export function saveStudy(): void {
  const record = {
    study: study.peek(),
    seed: seed.peek(),
    models: studied().map(({ name, title }) => ({
      name,
      title,
      sha256: manifest.models.find((one) => one.name === name)?.sha256,
    })),
    planned: plan.peek().length,
    asked: answers.peek().length,
    tally: rows.peek(),
    trials: answers.peek().map(recordOf),
  };
  const blob = new Blob([JSON.stringify(record, undefined, 2)], { type: 'application/json' });
  download(blob, `saywhy-${record.study}-seed-${record.seed}.json`);
}

function recordOf(answered: Answered) {
  const { trial, answer, milliseconds } = answered;
  return { ...shownIn(trial, answer), ...outcomeOf(answered), milliseconds };
}

function shownIn(trial: Trial, answer: number) {
  if (trial.study === 'trust') {
    const { method, thing, order } = trial;
    const models = studied();
    return { method, picture: thing.picture, class: thing.name, shown: order.map((at) => models[at]!.name), answer };
  }
  const { method, arrangement, things, shown, offered } = trial;
  return {
    method,
    pictures: things.map(({ picture }) => picture),
    arrangement,
    shown: things[shown].name,
    offered: offered.map((at) => things[at].name),
    answer: things[offered[answer as 0 | 1]].name,
  };
}

const outcomeOf = (answered: Answered) =>
  answered.trial.study === 'trust' ? { score: scoreOf(answered) } : { right: isRight(answered) };
