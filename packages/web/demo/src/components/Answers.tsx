import { useSignal } from '@preact/signals';
import { beside, main, secondModel } from '../state/desk.js';
import { explainerOf, model } from '../state/models.js';
import { Ask } from './Ask.js';
import { Bars } from './Bars.js';
import { flatness } from './flatness.js';
import { jumpTo } from './jump.js';
import { ModelChoice } from './ModelChoice.js';
import { ModelTrouble } from './ModelTrouble.js';
import { Notes } from './Notes.js';
import { ProblemNote } from './ProblemNote.js';
import { Skeleton } from './Skeleton.js';

/** What the model says: its answers as bars, each of which can be asked about. */
export function Answers() {
  const answer = main.answer.value;
  const second = beside.answer.value;
  const isFlat = answer && flatness(answer.explanation.predictions, explainerOf(model.value)?.model);
  const isWaiting = main.pending.value || model.value?.state.value.kind === 'opening';
  const dragged = useSignal<number | undefined>(undefined);
  return (
    <section class="card" aria-labelledby="answers-title">
      <ModelChoice />
      {answer && <Bars answer={answer} dragged={dragged} />}
      {!answer && isWaiting && <Skeleton />}
      {isFlat && (
        <p class="note">
          The scores are almost equal: the model may not get the picture as it was trained to.{' '}
          <button type="button" class="link" onClick={() => jumpTo('about-preprocessing')}>
            See the preprocessing
          </button>
        </p>
      )}
      <Ask />
      <ProblemNote place="class" />
      {answer && <Notes explanation={answer.explanation} method={answer.question.method} />}
      {secondModel.value && (
        <div class="second">
          <h3>{secondModel.value.title} says</h3>
          <ModelTrouble entry={secondModel.value} />
          {second && <Bars answer={second} readOnly />}
          <ProblemNote place="compare" />
        </div>
      )}
    </section>
  );
}
