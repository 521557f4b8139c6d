import type { Floats } from '../methods/method.js';
import { checkFrame, type Mask } from './mask.js';
import type { Metric } from './metric.js';

/** The share of the longer side by which the grown mask reaches out: 9 pixels of 224, 4 of 96. */
const GROWN = 1 / 24;

/**
 * Whether the map's maximum (of equal ones the first) lies on the mask, or at most `tolerance` cells from it, between centres. A map that is 0 everywhere points
 * at nothing.
 */
export function pointsInside(map: Floats, mask: Mask, tolerance = 0): boolean {
  checkFrame(map, mask);
  const width = map.shape[1]!;
  let peak = 0;
  for (let i = 1; i < map.data.length; i++) if (map.data[i]! > map.data[peak]!) peak = i;
  if (!(map.data[peak]! > 0)) return false;
  const [x, y] = [peak % width, Math.floor(peak / width)];
  return mask.data.some(
    (inside, i) => inside === 1 && Math.hypot((i % width) - x, Math.floor(i / width) - y) <= tolerance,
  );
}

const paper = {
  title: 'Zhang et al., Top-down Neural Attention by Excitation Backprop, 2016',
  url: 'https://arxiv.org/abs/1608.00507',
};

export const pointingGame: Metric = {
  name: 'pointing-game',
  title: 'Pointing game',
  what: "How often the map's maximum lies on the object.",
  paper,
  needs: ['mask'],
  better: 'higher',
  summary: 'mean',
  measure: ({ map, mask }) => ({ value: Number(pointsInside(map, mask)) }),
};

export const pointingGameGrown: Metric = {
  ...pointingGame,
  name: 'pointing-game-grown',
  title: 'Pointing game, grown mask',
  what: "How often the map's maximum lies on the object or at most a 24th of the picture's longer side from it: coarse maps peak in the middle of their cells.",
  measure: ({ map, mask }) => ({
    value: Number(pointsInside(map, mask, Math.round(GROWN * Math.max(...map.shape)))),
  }),
};
