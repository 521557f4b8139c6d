import { throwIfAborted } from '../abort.js';
import { predictionsOf } from '../targets/predictions.js';
import type { Input, PredictionResult, PredictOptions } from '../types.js';
import type { Core } from './core.js';

export async function predict(core: Core, input: Input, options: PredictOptions): Promise<PredictionResult> {
  const start = performance.now();
  const fed = core.feed(input);
  const preprocess = performance.now() - start;
  const nothing = { activations: [], requests: [], targets: [], before: () => throwIfAborted(options.signal) };
  const { scores, milliseconds } = await core.runner.run({ ...nothing, feeds: fed.feeds, view: fed.view });
  const predictions = await predictionsOf(scores, options.top ?? 5, fed.view);
  const timings = { preprocess, ...milliseconds, map: 0 };
  const withPicture = fed.region !== undefined;
  return {
    ...core.result(fed, predictions, core.warnings(withPicture), timings),
    provenance: await core.provenance(withPicture),
  };
}
