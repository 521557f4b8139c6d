import { useEffect } from 'preact/hooks';
import '../../styles/scenes.css';
import { ModelTrouble } from '../components/ModelTrouble.js';
import { ProblemNote } from '../components/ProblemNote.js';
import { Skeleton } from '../components/Skeleton.js';
import { MethodChoice } from '../scenes/MethodChoice.js';
import { SceneView } from '../scenes/SceneView.js';
import { Strip } from '../scenes/Strip.js';
import { CaptionWords } from './CaptionWords.js';
import { captioned, current, entry, method, scene, shownMap, shownPart, startCaptioning } from './captioning.js';
import { WordBars } from './WordBars.js';

/** What a model says of a drawn scene, and where it looked for each word. */
export function Caption() {
  useEffect(startCaptioning, []);
  const { value } = current;
  const title = value ? `“${value.caption.text}”` : 'Say what you see';
  useEffect(() => {
    document.title = `${title} – saywhy`;
  }, [title]);
  const part = shownPart.value;
  const word = part === 'whole' ? undefined : value?.caption.words[part]?.token;
  return (
    <>
      <div class="headline">
        <h1>{value ? <CaptionWords key={value.scene.name} words={value.caption.words} /> : title}</h1>
        <p class="lead">
          {word ? `Bright places spoke for “${word}”.` : 'Bright places spoke for the whole caption.'} Point at a word,
          or go from word to word with the arrow keys.
        </p>
      </div>
      <div class="desk desk-scenes">
        <Strip scene={scene.value} />
        <SceneView
          scene={scene.value}
          map={shownMap.value}
          region={value?.region}
          caption={word ?? 'the whole caption'}
          waiting={captioned.pending.value}
        />
        <div class="panel">
          <section class="card" aria-labelledby="words">
            <h2 id="words">{entry.title} says</h2>
            <ModelTrouble entry={entry} />
            <ProblemNote place="caption" />
            {value ? <WordBars caption={value.caption} /> : <Skeleton />}
          </section>
          <MethodChoice entry={entry} method={method} />
        </div>
      </div>
    </>
  );
}
