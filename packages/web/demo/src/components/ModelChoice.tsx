import { chooseModel } from '../state/actions.js';
import { arrival, turnAway } from '../state/arrival.js';
import { task } from '../state/desk.js';
import { shelves } from '../state/models.js';
import { FileButton } from './FileButton.js';
import { ModelTrouble } from './ModelTrouble.js';
import { ProblemNote } from './ProblemNote.js';

/** Which of the mode's models is asked; another one can be opened. What is wrong with either stands below. */
export function ModelChoice() {
  const models = shelves[task.value].models.value;
  const model = shelves[task.value].model.value;
  const coming = arrival.value?.at === task.value ? arrival.value.entry : undefined;
  return (
    <>
      <div class="model-choice">
        <h2 id="answers-title">
          <label>
            <span class="visually-hidden">Model</span>
            <select
              class="inline-select"
              value={model ? models.indexOf(model) : undefined}
              onChange={({ currentTarget }) => {
                turnAway();
                chooseModel(models[Number(currentTarget.value)]!);
              }}
            >
              {models.map(({ title }, i) => (
                <option key={i} value={i}>
                  {title}
                </option>
              ))}
            </select>
          </label>{' '}
          says
        </h2>
        <FileButton place="model" className="link">
          Open model…
        </FileButton>
      </div>
      <ProblemNote place="model" />
      {coming && <ModelTrouble entry={coming} onDismiss={turnAway} />}
      {model && <ModelTrouble entry={model} />}
    </>
  );
}
