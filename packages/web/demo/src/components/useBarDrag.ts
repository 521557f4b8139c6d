// Dragging a bar with a mouse or pen. Touch scrolls the page; there the button at the bar's end does the same.
import { type Signal, useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';

const FAR = 6;

/** @param onDrop called with the class of the bar that this one was let go over */
export function useBarDrag(
  index: number,
  dragged: Signal<number | undefined> | undefined,
  onDrop: (other: number) => void,
) {
  const offset = useSignal<readonly [x: number, y: number] | undefined>(undefined);
  const start = useRef<readonly [x: number, y: number] | undefined>(undefined);
  const moved = useRef(false);

  const end = (): void => {
    start.current = undefined;
    offset.value = undefined;
    if (dragged) dragged.value = undefined;
  };

  return {
    style: offset.value && { transform: `translate(${offset.value[0]}px, ${offset.value[1]}px)` },
    /** A drag ends with a click, which means nothing then. */
    clicked: (act: () => void) => () => {
      if (!moved.current) act();
      moved.current = false;
    },
    handlers: {
      onPointerDown: (event: PointerEvent) => {
        moved.current = false;
        if (event.pointerType === 'touch' || event.button !== 0) return;
        start.current = [event.clientX, event.clientY];
        // At once: a quick move is out of the bar before it is seen.
        (event.currentTarget as Element).setPointerCapture(event.pointerId);
      },
      onPointerMove: (event: PointerEvent) => {
        if (!start.current || !dragged) return;
        const [x, y] = [event.clientX - start.current[0], event.clientY - start.current[1]];
        if (!moved.current && Math.hypot(x, y) < FAR) return;
        moved.current = true;
        dragged.value = index;
        offset.value = [x, y];
      },
      onPointerUp: (event: PointerEvent) => {
        if (moved.current) {
          const rows = document.elementsFromPoint(event.clientX, event.clientY);
          const row = rows.find(
            (element) => element.matches('[data-class]') && element.getAttribute('data-class') !== String(index),
          );
          if (row) onDrop(Number(row.getAttribute('data-class')));
        }
        end();
      },
      onPointerCancel: end,
    },
  };
}
