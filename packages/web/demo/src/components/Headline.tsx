import { computed, effect } from '@preact/signals';
import { number, percent } from '@saywhy/core/words';
import { useEffect } from 'preact/hooks';
import { isConstant } from '../drawing/heat.js';
import { swap } from '../state/actions.js';
import type { Answer } from '../state/ask.js';
import { main } from '../state/desk.js';
import { askedPrediction } from '../state/likelihood.js';
import { recordOf } from '../state/methods.js';
import { askedIndex, meaningOf, naming, questionText, signText } from '../state/question.js';

const asked = computed(() => (main.answer.value ? wordingOf(main.answer.value) : undefined));

/** The question, and the answer in a sentence. */
export function Headline() {
  useEffect(() => effect(writeTitle), []);
  if (!asked.value)
    return (
      <div class="headline">
        <h1>Why did it say that?</h1>
        <p class="lead">A model says what it sees. Click an answer, and the picture shows what spoke for it.</p>
      </div>
    );
  const { title, scores, sign, isVersus } = asked.value;
  return (
    <div class="headline">
      <h1>{title}</h1>
      <p class="lead">
        {scores} {sign}{' '}
        {isVersus && (
          <button type="button" class="link" onClick={swap}>
            Turn it round
          </button>
        )}
      </p>
    </div>
  );
}

function writeTitle(): void {
  document.title = asked.value ? `${asked.value.title} – saywhy` : 'saywhy: ask a vision model why';
}

function wordingOf(answer: Answer) {
  const { explanation, question, map } = answer;
  const { choice, evidence, model, explainer } = question;
  const name = naming(explainer.model.labels);
  const index = askedIndex(choice, explanation.predictions);
  return {
    title: questionText(choice, evidence, index, name),
    scores: scoresText(),
    // Of a blank map there is nothing to say; why it is blank stands below it.
    sign: isConstant(map) ? '' : signText(choice, evidence, index, name, meaningOf(recordOf(question.method))),
    isVersus: choice.kind === 'versus',
  };

  function scoresText(): string {
    // The targets of `against` are negated.
    const value = evidence === 'against' ? -map.target.value : map.target.value;
    if (choice.kind === 'versus') {
      const [more, less] = value >= 0 ? [choice.index, choice.other] : [choice.other, choice.index];
      return `${model.title} scores ${name(more)} higher than ${name(less)}, by ${number(Math.abs(value))}.`;
    }
    const found = askedPrediction(answer);
    if (found?.probability === undefined) return `${model.title} gives it a score of ${number(value)}.`;
    const first = explanation.predictions[0] === found ? ', its first answer' : '';
    return `${model.title} gives it ${percent(found.probability)}${first}.`;
  }
}
