import { type ColormapName, colormapNames } from '@saywhy/core/render';
import { draw } from '../state/actions.js';
import { main, view } from '../state/desk.js';
import type { Base } from '../state/link.js';
import { Segments } from './Segments.js';

const names: Readonly<Partial<Record<ColormapName, string>>> = {
  jet: 'jet (shows edges that are not there)',
  gray: 'grey',
};

/** What is set once: colours, lines, the photograph below. */
export function Drawing() {
  const { colormap, contours, base, stretch } = view.value;
  const signed = main.answer.value?.map.signed ?? false;
  return (
    <>
      <label class="field">
        <span class="caption">Colours</span>
        <select
          class="select"
          value={signed ? 'diverging' : colormap}
          disabled={signed}
          onChange={({ currentTarget }) => draw({ colormap: currentTarget.value as ColormapName })}
        >
          {colormapNames
            .filter((name) => name !== 'diverging' || signed)
            .map((name) => (
              <option key={name} value={name}>
                {names[name] ?? name}
              </option>
            ))}
        </select>
      </label>
      <Segments<Base>
        legend="Photograph"
        name="base"
        value={base}
        onChoose={(to) => draw({ base: to })}
        options={[
          { value: 'color', text: 'colour' },
          { value: 'gray', text: 'grey' },
          { value: 'hidden', text: 'hidden' },
        ]}
      />
      <label class="check">
        <input
          type="checkbox"
          checked={contours}
          onChange={({ currentTarget }) => draw({ contours: currentTarget.checked })}
        />
        Lines at ¼, ½ and ¾
      </label>
      <label class="check">
        <input
          type="checkbox"
          checked={stretch}
          onChange={({ currentTarget }) => draw({ stretch: currentTarget.checked })}
        />
        Stretch maps that are near zero
      </label>
    </>
  );
}
