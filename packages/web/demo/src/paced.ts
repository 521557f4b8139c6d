// When the page is drawn anew. Once a frame, so that a question is on its way to the worker before anything else is done; at once where an answer has come.
import { options } from 'preact';

/** How long a page that has no frames, as one in the background, waits. */
const WITHOUT_FRAMES = 100;
/** How long a question may take to be drawn together with its answer: less than anyone sees. */
const BLINK = 40;

let waiting: (() => void) | undefined;
let held = 0;

export function paceDrawing(): void {
  options.debounceRendering = (draw) => {
    waiting = draw;
    requestAnimationFrame(drawFrame);
    setTimeout(drawNow, WITHOUT_FRAMES);
  };
}

/** Leaves the page as it is for a blink, or until `drawNow`: drawing twice would keep the answer waiting for the first. */
export function holdDrawing(): void {
  held = performance.now() + BLINK;
}

/** Draws what waits for the next frame. */
export function drawNow(): void {
  held = 0;
  const draw = waiting;
  waiting = undefined;
  draw?.();
}

function drawFrame(now: number): void {
  if (!waiting) return;
  if (now < held) requestAnimationFrame(drawFrame);
  else drawNow();
}
