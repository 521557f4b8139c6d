// Every method, in the order in which they are listed. The command line, the page, the docs and the tests read this table.
import { SaywhyError } from '../errors.js';
import { nearest } from '../nearest.js';
import { cam } from './cam.js';
import { eigenCam } from './eigen-cam.js';
import { gradCam } from './grad-cam.js';
import { gradCamPlusPlus } from './grad-cam-plus-plus.js';
import { deconvGradCam, deconvnet, guidedBackprop, guidedGradCam } from './guided.js';
import { hiresCam } from './hires-cam.js';
import { inputXGradient } from './input-x-gradient.js';
import { layerCam } from './layer-cam.js';
import type { Method } from './method.js';
import { occlusion } from './occlusion.js';
import { saliency } from './saliency.js';
import { xGradCam } from './x-grad-cam.js';

export const methods: readonly Method[] = [
  gradCam,
  guidedGradCam,
  hiresCam,
  gradCamPlusPlus(),
  xGradCam,
  layerCam,
  cam,
  eigenCam,
  saliency,
  inputXGradient,
  guidedBackprop,
  deconvnet,
  deconvGradCam,
  occlusion(),
];

/** @throws SaywhyError `unknown-method`, with near matches */
export function findMethod(method: string | Method): Method {
  if (typeof method !== 'string') return method;
  const found = methods.find(({ name }) => name === method.toLowerCase());
  if (found) return found;
  const names = methods.map(({ name }) => name);
  const near = nearest(method, names);
  throw new SaywhyError(
    'unknown-method',
    `Unknown method "${method}".${near.length > 0 ? ` Did you mean ${near.join(' or ')}?` : ''} There are: ${names.join(', ')}.`,
  );
}
