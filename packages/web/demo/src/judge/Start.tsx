import { percent } from '@saywhy/core/words';
import { ProblemNote } from '../components/ProblemNote.js';
import { Segments } from '../components/Segments.js';
import { discriminating, type Study, trusted } from './plan.js';
import { begin, finish, type Stage, seed, studied, study, wanted } from './session.js';

const texts: Readonly<Record<Study, string>> = {
  discrimination: `Two things in one picture, which is dark but for what a map of one of them shows. Which one did the model see? A good map leaves no doubt. ${discriminating.length} methods take turns; you are not told whose map it is.`,
  trust: `Two models give a picture the same answer, for different reasons. Which map looks as if its model knew what it is talking about? ${trusted.length} methods take turns; you are not told which model is the better one.`,
};

/** What it is about, and how long it shall take. */
export function Start({ stage }: { readonly stage: Extract<Stage, { kind: 'start' | 'preparing' }> }) {
  const isPreparing = stage.kind === 'preparing';
  return (
    <>
      <div class="headline">
        <h1>Can you tell what the model saw?</h1>
        <p class="lead">
          Grad-CAM’s authors asked people, not only numbers. Here is their study in small, with you as the one who is
          asked. Your answers stay on this page.
        </p>
      </div>
      <form
        class="card judge-start"
        onSubmit={(event) => {
          event.preventDefault();
          void begin();
        }}
      >
        <Segments<Study>
          legend="What is judged"
          name="study"
          value={study.value}
          onChoose={(to) => {
            study.value = to;
          }}
          options={[
            { value: 'discrimination', text: 'Which of the two?' },
            { value: 'trust', text: 'Which one to trust?' },
          ]}
        />
        <p>{texts[study.value]}</p>
        <div class="row judge-settings">
          <Segments
            legend="Pictures"
            name="count"
            value={String(wanted.value)}
            onChoose={(to) => {
              wanted.value = Number(to);
            }}
            options={['10', '20', '40'].map((value) => ({ value, text: value }))}
          />
          <label class="field">
            <span class="caption">Seed of the order</span>
            <input
              class="number"
              type="number"
              min={0}
              max={999999}
              step={1}
              required
              value={seed.value}
              onInput={({ currentTarget: { valueAsNumber, validity } }) => {
                if (validity.valid) seed.value = valueAsNumber;
              }}
            />
          </label>
        </div>
        {isPreparing ? (
          <Preparing done={stage.done} of={stage.of} />
        ) : (
          <p>
            <button type="submit" class="button button-strong">
              Begin
            </button>
          </p>
        )}
        <ProblemNote place="study" />
      </form>
    </>
  );
}

function Preparing({ done, of }: { readonly done: number; readonly of: number }) {
  const opening = studied().filter(({ state }) => state.value.kind !== 'open');
  const text =
    opening.length > 0
      ? `Opening ${opening.map(({ title }) => title).join(' and ')}`
      : `Asking what is on the pictures: ${percent(done / of)}`;
  return (
    <div class="judge-preparing">
      <p>
        {text}{' '}
        <button type="button" class="link" onClick={finish}>
          Stop
        </button>
      </p>
      <progress max={of} value={opening.length > 0 ? undefined : done} aria-label={text} />
    </div>
  );
}
