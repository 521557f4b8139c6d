import { Choices } from './Choices.js';
import { Dimmed } from './Dimmed.js';
import { answers, finish, plan, questionOf, type Ready, type Stage } from './session.js';

/** One question: a picture, or two, and what can be answered. */
export function TrialView({ stage: { at, ready } }: { readonly stage: Extract<Stage, { kind: 'asking' }> }) {
  const trial = plan.value[at]!;
  const of = plan.value.length;
  return (
    <>
      <div class="headline">
        <h1>{questionOf(trial)}</h1>
        <p class="lead">
          {trial.study === 'trust'
            ? 'Bright is what the answer came from. Answer by a click, or by the keys 1 to 5.'
            : 'Bright is what the answer came from. Answer by a click, or by the keys 1 and 2.'}
        </p>
      </div>
      <div class={trial.study === 'trust' ? 'judge-pictures judge-two' : 'judge-pictures'}>
        {ready ? <Pictures ready={ready} /> : <div class="judge-wait" role="img" aria-label="The map is being made" />}
      </div>
      <Choices trial={trial} isReady={ready !== undefined} />
      <div class="judge-progress">
        <progress max={of} value={at} aria-label="Answered" />
        <p class="small quiet numbers">
          {at + 1} of {of}
        </p>
        <button type="button" class="button button-small" onClick={finish}>
          {answers.value.length > 0 ? 'Stop, and see the tally' : 'Stop'}
        </button>
      </div>
    </>
  );
}

function Pictures({ ready: { trial, picture, maps, regions } }: { readonly ready: Ready }) {
  return (
    <>
      {maps.map((map, i) => (
        <figure key={i}>
          <Dimmed
            picture={picture}
            map={map}
            region={regions[i]}
            label={
              trial.study === 'trust'
                ? `Map ${i + 1}: the picture, dark but for what it shows`
                : 'The picture, dark but for what the map shows'
            }
          />
          {trial.study === 'trust' && <figcaption>{i + 1}</figcaption>}
        </figure>
      ))}
    </>
  );
}
