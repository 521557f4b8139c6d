/** A choice of a few, all in sight: radio buttons that look like one control. */
export function Segments<T extends string>({
  legend,
  name,
  options,
  value,
  onChoose,
  hideLegend = false,
}: {
  readonly legend: string;
  readonly name: string;
  readonly options: readonly { readonly value: T; readonly text: string }[];
  readonly value: T;
  readonly onChoose: (value: T) => void;
  readonly hideLegend?: boolean;
}) {
  return (
    <fieldset class="segments">
      <legend class={hideLegend ? 'visually-hidden' : 'caption'}>{legend}</legend>
      <div class="segments-row">
        {options.map((option) => (
          <label key={option.value}>
            <input
              type="radio"
              name={name}
              value={option.value}
              checked={option.value === value}
              onChange={() => onChoose(option.value)}
            />
            <span>{option.text}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
