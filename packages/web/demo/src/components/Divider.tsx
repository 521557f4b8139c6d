import { divide } from '../state/desk.js';
import { GripIcon } from './icons.js';

const STEP = 0.02;

/** The line where two maps meet: upright, on narrow screens level. The arrow keys move it, 1 and 2 show one map alone, 3 both. */
export function Divider({ names: [first, second] }: { readonly names: readonly [string, string] }) {
  const move = (to: number): void => {
    divide.value = Math.max(0, Math.min(1, to));
  };
  const shares = Math.round(divide.value * 100);
  return (
    <div
      class="divider"
      role="slider"
      tabIndex={0}
      aria-label={`Where the two maps meet: ${first} before, ${second} behind`}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={shares}
      aria-valuetext={`${shares} % ${first}`}
      onPointerDown={(event) => {
        event.preventDefault();
        event.currentTarget.focus();
        event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerMove={({ currentTarget, pointerId, clientX, clientY }) => {
        if (!currentTarget.hasPointerCapture(pointerId)) return;
        const box = currentTarget.parentElement!.getBoundingClientRect();
        move(isLevel(currentTarget) ? (clientY - box.top) / box.height : (clientX - box.left) / box.width);
      }}
      onKeyDown={(event) => {
        const keys: Readonly<Record<string, number>> = {
          ArrowLeft: divide.value - STEP,
          ArrowUp: divide.value - STEP,
          ArrowRight: divide.value + STEP,
          ArrowDown: divide.value + STEP,
          PageDown: divide.value + 5 * STEP,
          PageUp: divide.value - 5 * STEP,
          Home: 0,
          End: 1,
          1: 1,
          2: 0,
          3: 0.5,
        };
        const to = keys[event.key];
        if (to === undefined) return;
        event.preventDefault();
        move(to);
      }}
    >
      <span class="divider-grip" aria-hidden="true">
        <GripIcon />
      </span>
    </div>
  );
}

/** The style sheet says which way it lies. */
const isLevel = (element: Element): boolean => getComputedStyle(element).getPropertyValue('--level').trim() === '1';
