// One ONNX file that holds a model and its gradients, for any runtime in any language.
import {
  differentiate,
  extract,
  type Model,
  type ModelBytes,
  parseModel,
  requiredInputs,
  resolveTensor,
} from '@saywhy/autodiff';
import { SaywhyError } from './errors.js';
import { findLayer } from './layers/lookup.js';
import { describeModel } from './model/describe.js';
import type { ExplainMetadata } from './model/metadata.js';
import type { ExplainerOptions } from './types.js';
import { version } from './version.js';

export interface PrepareOptions
  extends Pick<ExplainerOptions, 'scores' | 'scoreKind' | 'detection' | 'labels' | 'preprocess'> {
  /** What gradients are wanted of: tensors, module paths, `input`, `auto` (the last feature map: the default), or `all` listed layers. */
  readonly wrt?: string | readonly string[];
}

/**
 * Adds gradients to a model: the input `cotangent/<scores>`; as outputs the scores, each explained tensor under its own name (the model's inputs are there
 * already), and `gradient/<tensor>`; and metadata that says what they are. What an earlier call added is replaced.
 *
 * @throws SaywhyError what `differentiate` and `describeModel` throw; `no-layer`, `unknown-tensor`
 */
export function prepare(source: Uint8Array | ModelBytes | Model, options: PrepareOptions = {}): Model {
  const { model, scores, features, labels, info } = describeModel(
    'graph' in source ? source : parseModel(source),
    options,
  );
  const texts = typeof options.wrt === 'string' ? [options.wrt] : (options.wrt ?? ['auto']);
  if (texts.length === 0)
    throw new SaywhyError('invalid-argument', '`wrt` is an empty list: leave it out, or name a layer.');
  const inputs = new Set(requiredInputs(model.graph).map(({ name }) => name));
  const wrt = texts.flatMap((text) => {
    if (text === 'all') return features.listed.map(({ tensor }) => tensor);
    if (text === 'auto') return [findLayer(model, features, text, true).tensor];
    return [text === 'input' && !inputs.has(text) ? info.picture : resolveTensor(model, text)];
  });
  const tensors = [...new Set(wrt)];
  const own = model.graph.outputs.map(({ name }) => name);
  const outputs = [...new Set([...own, scores.tensor, ...tensors.filter((name) => !inputs.has(name))])];
  const visible = extract(model, { inputs: [...inputs], outputs });
  const joined = differentiate(visible, { of: scores.tensor, wrt: tensors });
  const explain: ExplainMetadata = {
    scores: scores.tensor,
    ...(scores.kindFrom !== 'guess' && { scoreKind: scores.kind }),
    ...(scores.detection && { detection: scores.detection }),
    outputs: own,
    layers: tensors.map((tensor) => {
      const layer = features.byTensor.get(tensor);
      const shape = layer?.shape ?? info.inputs.find(({ name }) => name === tensor)?.shape;
      return { tensor, ...(layer?.module !== undefined && { module: layer.module }), ...(shape && { shape }) };
    }),
  };
  const stated = info.preprocessFrom === 'guess' ? undefined : info.preprocess;
  return {
    ...joined,
    metadata: new Map([
      ...joined.metadata,
      ['saywhy.version', version],
      ['saywhy.explain', JSON.stringify(explain)],
      ...(stated ? [['saywhy.preprocess', JSON.stringify(stated)] as const] : []),
      ...(labels ? [['saywhy.labels', JSON.stringify(labels)] as const] : []),
    ]),
  };
}
