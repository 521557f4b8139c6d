// One explanation: preprocess, run, and turn what comes back into maps.
import { throwIfAborted } from '../abort.js';

import { SaywhyError } from '../errors.js';
import { scaleMap } from '../maps/scale.js';
import type { Floats } from '../methods/method.js';
import { linearHead } from '../model/head.js';
import { predictionsOf } from '../targets/predictions.js';
import type { ResolvedTarget } from '../targets/resolve.js';
import { allFinite, countOf } from '../tensors/numbers.js';
import type { ExplainOptions, Explanation, ExplanationMap, Input, LayerRef, Warning } from '../types.js';
import { contexts } from './context.js';
import { type Core, withVectors } from './core.js';
import type { Fed } from './feeds.js';
import { type PlannedMap, planExplanation } from './plan.js';

export async function explain(core: Core, input: Input, options: ExplainOptions): Promise<Explanation> {
  const { description, runner, model } = core;
  const { signal, onProgress } = options;
  const checked = (what: string, loaded: number, total: number) => {
    throwIfAborted(signal);
    onProgress?.({ stage: 'run', what, loaded, total });
  };
  throwIfAborted(signal);
  const plan = planExplanation(options, model, description.features, description.picture.name, core.rulesNames);
  const targets = await withVectors(core, plan.targets, signal);
  const start = performance.now();
  const fed = core.feed(input);
  const fedAt = performance.now();
  const { feeds, view } = fed;
  const outcome = await runner.run({ ...plan, targets, feeds, view, before: checked });
  const runAt = performance.now();
  const maps: ExplanationMap[] = [];
  /** Why some of the maps are blank. */
  const reasons = new Map<number, Warning>();
  const context = contexts({
    outcome,
    fed,
    features: description.features,
    picture: description.picture.name,
    head: (layer) => core.once(`head|${layer}`, () => linearHead(model, layer, description.scores.tensor)),
    run: async (target, count, make) => {
      const { runChanged } = await import('./run-changed.js');
      return runChanged(core, fed, target, count, make, (loaded) => checked('changed inputs', loaded, count));
    },
    zero: (reason) => reasons.set(maps.length, reason),
  });
  const warnings: Warning[] = [...core.warnings(fed.region !== undefined)];
  for (const planned of plan.maps) {
    if (planned.method.warning) warnings.push(planned.method.warning);
    for (const [index, target] of outcome.targets.entries()) {
      throwIfAborted(signal);
      const found = await planned.method.map(context(index, planned));
      const blank = reasons.get(maps.length);
      const raw = blank ? { ...found, data: new Float32Array(found.data.length) } : found;
      const map = makeMap(raw, planned, target, fed, layerRef(planned, outcome.activations, fed, core));
      if (blank) warnings.push(blank);
      else if (map.constant) warnings.push(constantMap(map.map, target));
      maps.push(map.map);
    }
  }
  // Beside others a blank map says something; alone it does not.
  if (reasons.size === maps.length) {
    const { code, message } = reasons.get(0)!;
    throw new SaywhyError(code, message);
  }
  return {
    ...core.result(fed, await predictionsOf(outcome.scores, options.top ?? 5, view), unique(warnings), {
      preprocess: fedAt - start,
      ...outcome.milliseconds,
      map: performance.now() - runAt,
    }),
    provenance: await core.provenance(fed.region !== undefined),
    maps,
  };
}

function makeMap(
  raw: Floats,
  { method }: PlannedMap,
  target: ResolvedTarget,
  fed: Fed,
  layer: LayerRef,
): { map: ExplanationMap; constant: boolean } {
  const { data, shape } = raw;
  if (!(data instanceof Float32Array) || countOf(shape) !== data.length)
    throw new SaywhyError(
      'invalid-method',
      `The method "${method.name}" gives { data: Float32Array, shape } that fit each other.`,
    );
  if (!allFinite(data))
    throw new SaywhyError(
      'not-finite',
      `The map of "${method.name}" for "${target.info.text}" holds NaN or infinite values.`,
    );
  const space = fed.arrangement === 'channels-last' ? fed.shape.slice(1, -1) : fed.shape.slice(2);
  const { constant, ...scaled } = scaleMap(raw, space, method.signed);
  return {
    map: {
      method: method.name,
      target: target.info,
      layer,
      ...scaled,
      raw: { data: owned(data), shape: [...shape] },
      signed: method.signed,
    },
    constant,
  };
}

/** Results are the caller's: what lies in a larger buffer, or in the runtime's, is copied. */
function owned(data: Float32Array): Float32Array {
  return data.byteLength === data.buffer.byteLength ? data : data.slice();
}

function layerRef({ layer }: PlannedMap, activations: ReadonlyMap<string, Floats>, fed: Fed, core: Core): LayerRef {
  if (!layer) {
    const { name } = core.description.picture;
    return { name, tensor: name, shape: [...fed.shape] };
  }
  const { name, tensor, module } = layer;
  return { name, tensor, ...(module !== undefined && { module }), shape: [...activations.get(tensor)!.shape] };
}

function constantMap(map: ExplanationMap, target: ResolvedTarget): Warning {
  const reason =
    map.range[1] === 0
      ? 'nothing in this layer speaks for the target'
      : `every place has the same value, ${map.range[1].toPrecision(3)}`;
  return {
    code: 'constant-map',
    message: `The ${map.method} map of "${target.info.text}" at "${map.layer.name}" is constant: ${reason}.`,
  };
}

function unique(warnings: readonly Warning[]): Warning[] {
  return [...new Map(warnings.map((warning) => [`${warning.code}|${warning.message}`, warning])).values()];
}
