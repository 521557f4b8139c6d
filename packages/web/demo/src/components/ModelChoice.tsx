import { chooseModel } from '../state/actions.js';
import { model, models } from '../state/models.js';
import { FileButton } from './FileButton.js';

/** Which model is asked; another one can be opened. */
export function ModelChoice() {
  return (
    <div class="model-choice">
      <h2 id="answers-title">
        <label>
          <span class="visually-hidden">Model</span>
          <select
            class="inline-select"
            value={model.value?.name}
            onChange={({ currentTarget }) => {
              const entry = models.value.find(({ name }) => name === currentTarget.value);
              if (entry) chooseModel(entry);
            }}
          >
            {models.value.map(({ name, title }) => (
              <option key={name} value={name}>
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
  );
}
