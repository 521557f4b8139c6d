// When the page is drawn anew: at once, but for a question, which is drawn together with its answer where that comes within a blink. Drawing the question first
// would keep the worker waiting for it, and the answer for the frame.
import { options } from 'preact';

/** Milliseconds that nobody sees. */
const BLINK = 40;

let waiting: (() => void) | undefined;
let holding: ReturnType<typeof setTimeout> | undefined;

export function paceDrawing(): void {
  options.debounceRendering = (draw) => {
    waiting = draw;
    queueMicrotask(() => holding === undefined && drawNow());
  };
}

/** Leaves the page as it is for a blink, or until `drawNow`. */
export function holdDrawing(): void {
  holding ??= setTimeout(drawNow, BLINK);
}

/** Draws what waits. */
export function drawNow(): void {
  clearTimeout(holding);
  holding = undefined;
  const draw = waiting;
  waiting = undefined;
  draw?.();
}
