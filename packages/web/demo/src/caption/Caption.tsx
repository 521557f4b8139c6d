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
import { CaptionWords } from './CaptionWords.js';
import {
  captioned,
  current,
  entry,
  isCaptioning,
  method,
  nameOf,
  shown,
  shownPart,
  startCaptioning,
} from './captioning.js';
import { WordBars } from './WordBars.js';

/** What a model says of a picture, and where it looked for each word. */
export function Caption() {
  useEffect(startCaptioning, []);
  const { value } = current;
  const title = value ? `“${value.caption.text}”` : 'Say what you see';
  useEffect(() => {
    document.title = `${title} – saywhy`;
  }, [title]);
  const part = shownPart.value;
  const at = part === 'whole' ? undefined : value?.caption.words[part];
  const word = at && nameOf(at);
  return (
    <>
      <div class="headline">
        <h1>{value ? <CaptionWords key={value.picture.url} words={value.caption.words} /> : title}</h1>
        <p class="lead">
          {word ? `Bright places spoke for “${word}”.` : 'Bright places spoke for the whole caption.'} Point at a word,
          or go from word to word with the arrow keys.
        </p>
      </div>
      <div class="desk">
        <Strip />
        <SceneView
          picture={subject.value.picture}
          map={shown.value?.map}
          region={value?.explanation.region}
          caption={word ?? 'the whole caption'}
          work={captioned}
        />
        <div class="panel">
          <section class="card" aria-labelledby="answers-title">
            <ModelChoice />
            <ScenesOnly entry={entry.value} />
            {value && <WordBars caption={value.caption} />}
            {!value && isCaptioning.value && <Skeleton />}
            {value && <Notes explanation={value.explanation} method={value.whole.method} />}
          </section>
          <MethodChoice entry={entry.value} method={method} />
        </div>
        <section class="tools" aria-label="Take it along">
          <Save what={shown.value} />
        </section>
      </div>
      <ModelDetails entry={entry.value} explanation={value?.explanation} />
    </>
  );
}
