import { percent } from '@saywhy/core/words';
import { useEffect } from 'preact/hooks';
import '../../styles/scenes.css';
import { ModelChoice } from '../components/ModelChoice.js';
import { ModelDetails } from '../components/ModelDetails.js';
import { Notes } from '../components/Notes.js';
import { Save } from '../components/Save.js';
import { Skeleton } from '../components/Skeleton.js';
import { MethodChoice } from '../scenes/MethodChoice.js';
import { ScenesOnly } from '../scenes/ScenesOnly.js';
import { SceneView } from '../scenes/SceneView.js';
import { Strip } from '../scenes/Strip.js';
import { subject } from '../scenes/scenes.js';
import { AnswerBars } from './AnswerBars.js';
import { type Asked, asked, current, entry, isAsking, method, startAsking } from './asking.js';
import { QuestionForm } from './QuestionForm.js';

/** Any question about a picture, and where the model looked for its answer. */
export function Ask() {
  useEffect(startAsking, []);
  const answer = current.value;
  const label = answer && (answer.map.target.label ?? answer.map.target.text);
  const title = label ? `Why “${label}”?` : 'Ask about the picture';
  useEffect(() => {
    document.title = `${title} – saywhy`;
  }, [title]);
  return (
    <>
      <div class="headline">
        <h1>{title}</h1>
        <p class="lead">{answer ? sentenceOf(answer) : 'A question in words, and the map of its answer.'}</p>
      </div>
      <div class="desk">
        <Strip />
        <SceneView
          picture={subject.value.picture}
          map={answer?.map}
          region={answer?.explanation.region}
          caption={label ?? ''}
          work={asked}
        />
        <div class="panel">
          <QuestionForm />
          <section class="card" aria-labelledby="answers-title">
            <ModelChoice />
            <ScenesOnly entry={entry.value} />
            {answer && <AnswerBars answer={answer} />}
            {!answer && isAsking.value && <Skeleton />}
            {answer && <Notes explanation={answer.explanation} method={answer.map.method} />}
          </section>
          <MethodChoice entry={entry.value} method={method} />
        </div>
        <section class="tools" aria-label="Take it along">
          <Save what={answer} />
        </section>
      </div>
      <ModelDetails entry={entry.value} explanation={answer?.explanation} />
    </>
  );
}

function sentenceOf({ question, explanation, map }: Asked): string {
  const found = explanation.predictions.find(({ index }) => index === map.target.index);
  const share = found?.probability === undefined ? '' : `, ${percent(found.probability)}`;
  return `To “${question}” the model says “${found?.label ?? map.target.text}”${share}. Bright places spoke for it.`;
}
