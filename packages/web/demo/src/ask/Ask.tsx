import { percent } from '@saywhy/core/words';
import { useEffect } from 'preact/hooks';
import '../../styles/scenes.css';
import { ModelTrouble } from '../components/ModelTrouble.js';
import { Skeleton } from '../components/Skeleton.js';
import { MethodChoice } from '../scenes/MethodChoice.js';
import { SceneView } from '../scenes/SceneView.js';
import { Strip } from '../scenes/Strip.js';
import { AnswerBars } from './AnswerBars.js';
import { asked, entry, method, scene, startAsking } from './asking.js';
import { QuestionForm } from './QuestionForm.js';

/** Any question about a drawn scene, and where the model looked for its answer. */
export function Ask() {
  useEffect(startAsking, []);
  const answer = asked.value.value;
  // The last answer of another picture says nothing about this one.
  const current = answer?.scene === scene.value ? answer : undefined;
  const label = current && (current.map.target.label ?? current.map.target.text);
  const title = label ? `Why “${label}”?` : 'Ask about the picture';
  useEffect(() => {
    document.title = `${title} – saywhy`;
  }, [title]);
  return (
    <>
      <div class="headline">
        <h1>{title}</h1>
        <p class="lead">{current ? sentenceOf(current) : 'A question in words, and the map of its answer.'}</p>
      </div>
      <div class="desk desk-scenes">
        <Strip scene={scene.value} />
        <SceneView
          scene={scene.value}
          map={current?.map}
          region={current?.explanation.region}
          caption={label ?? ''}
          waiting={asked.pending.value}
        />
        <div class="panel">
          <QuestionForm />
          <section class="card" aria-labelledby="answers">
            <h2 id="answers">{entry.title} says</h2>
            <ModelTrouble entry={entry} />
            {current ? <AnswerBars answer={current} /> : <Skeleton />}
          </section>
          <MethodChoice entry={entry} method={method} />
        </div>
      </div>
    </>
  );
}

function sentenceOf({ question, explanation, map }: NonNullable<typeof asked.value.value>): string {
  const found = explanation.predictions.find(({ index }) => index === map.target.index);
  const share = found?.probability === undefined ? '' : `, ${percent(found.probability)}`;
  return `To “${question}” the model says “${found?.label ?? map.target.text}”${share}. Bright places spoke for it.`;
}
