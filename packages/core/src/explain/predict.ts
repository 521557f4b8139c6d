import { predictionsOf } from '../targets/scores.js';
import type { Input, PredictionResult, PredictOptions } from '../types.js';
import type { Core } from './core.js';
import { feed } from './feeds.js';

export async function predict(core: Core, input: Input, options: PredictOptions): Promise<PredictionResult> {
  const start = performance.now();
  const fed = feed(input, core.feedPlan);
  const fedAt = performance.now();
  const scores = core.interpret(await core.runner.scores(fed.feeds));
  const timings = { preprocess: fedAt - start, forward: performance.now() - fedAt, backward: 0, map: 0 };
  const withPicture = fed.region !== undefined;
  return {
    ...core.result(fed, predictionsOf(scores, options.top ?? 5), core.warnings(withPicture), timings),
    provenance: await core.provenance(withPicture),
  };
}
