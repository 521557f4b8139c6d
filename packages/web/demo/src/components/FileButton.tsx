import type { ComponentChildren } from 'preact';
import { useRef } from 'preact/hooks';
import { take } from '../state/intake.js';
import type { Place } from '../state/problem.js';

/** Opens the system's file dialog; what is chosen is taken for what it is, as what is dropped. */
export function FileButton({
  children,
  place,
  accept,
  className = 'button',
}: {
  readonly children: ComponentChildren;
  readonly place: Place;
  readonly accept?: string;
  readonly className?: string;
}) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button type="button" class={className} onClick={() => input.current?.click()}>
        {children}
      </button>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        accept={accept}
        onChange={({ currentTarget }) => {
          const files = [...(currentTarget.files ?? [])];
          currentTarget.value = '';
          void take(files, place);
        }}
      />
    </>
  );
}
