// What a prepared file says of itself, in `metadata_props`: JSON that is not trusted, so it is checked as it is read.
import type { Model } from '@saywhy/autodiff';
import { SaywhyError } from '../errors.js';
import { parsePreprocess } from '../images/preprocess-parse.js';
import type { Preprocess } from '../images/preprocess-spec.js';
import type { Detection, InputKind, ScoreKind } from '../types.js';
import { checkDetection } from './detection-metadata.js';
import { readUltralytics } from './ultralytics.js';

/** `saywhy.explain`: which tensor holds the scores, what the model's own outputs were, and which tensors have gradients. */
export interface ExplainMetadata {
  readonly scores: string;
  readonly scoreKind?: ScoreKind;
  /** Of a detector: how it writes its candidates. */
  readonly detection?: Partial<Detection>;
  readonly outputs: readonly string[];
  readonly layers: readonly {
    readonly tensor: string;
    readonly module?: string;
    readonly shape?: readonly (number | string)[];
  }[];
}

export interface Metadata {
  readonly explain?: ExplainMetadata;
  /** The kind of scores that its task stands for: of `saywhy.task` in the words of Hugging Face. */
  readonly taskKind?: ScoreKind;
  readonly labels?: readonly string[];
  readonly preprocess?: Preprocess;
  /** How a detector writes its candidates, as others than saywhy say it. */
  readonly detection?: Partial<Detection>;
  /** As it is in the file: read by `parseTokenizer`. */
  readonly tokenizer?: unknown;
  /** What inputs want, of those that the file speaks of. */
  readonly inputs: Readonly<Record<string, InputKind>>;
}

export const scoreKinds: readonly ScoreKind[] = [
  'softmax',
  'multilabel',
  'binary',
  'regression',
  'segmentation',
  'detection',
  'embedding',
];

const kindsOfTasks: Readonly<Record<string, ScoreKind>> = {
  'image-segmentation': 'segmentation',
  'object-detection': 'detection',
  'image-feature-extraction': 'embedding',
};

/**
 * @throws SaywhyError `invalid-metadata`, `invalid-preprocess`
 */
export function readMetadata(model: Model): Metadata {
  const explain = json(model, 'saywhy.explain');
  const labels = json(model, 'saywhy.labels');
  const preprocess = json(model, 'saywhy.preprocess');
  const tokenizer = json(model, 'saywhy.tokenizer');
  const taskKind = kindsOfTasks[String(json(model, 'saywhy.task'))];
  return {
    ...readUltralytics(model),
    ...(taskKind && { taskKind }),
    inputs: inputKinds(json(model, 'saywhy.inputs')),
    ...(tokenizer !== undefined && { tokenizer }),
    ...(explain !== undefined && { explain: checkExplain(explain) }),
    ...(labels !== undefined && { labels: checkLabels(labels, 'saywhy.labels') }),
    ...(preprocess !== undefined && { preprocess: parsePreprocess(preprocess) }),
  };
}

const kinds: Readonly<Record<string, InputKind>> = { image: 'picture', text: 'text', caption: 'caption' };

/** `saywhy.inputs` is `{ <name>: { kind: 'image' | 'text' | 'caption' } }`; other kinds are not told. */
function inputKinds(value: unknown): Readonly<Record<string, InputKind>> {
  const stated = Object.entries(value ?? {}).flatMap(([name, one]) => {
    const kind = kinds[(one as { kind?: string } | null)?.kind ?? ''];
    return kind ? [[name, kind] as const] : [];
  });
  return Object.fromEntries(stated);
}

/** Labels from a file or an option. @throws SaywhyError `invalid-metadata` */
export function checkLabels(value: unknown, what: string): readonly string[] {
  if (Array.isArray(value) && value.every((label) => typeof label === 'string')) return value as string[];
  throw new SaywhyError('invalid-metadata', `${what} is a list of strings, one label for each class.`);
}

function checkExplain(value: unknown): ExplainMetadata {
  const { scores, scoreKind, detection, outputs, layers } = (value ?? {}) as Partial<
    Record<keyof ExplainMetadata, unknown>
  >;
  const listed =
    Array.isArray(layers) && layers.every((layer) => typeof (layer as { tensor?: unknown })?.tensor === 'string');
  const named = Array.isArray(outputs) && outputs.every((name) => typeof name === 'string');
  if (typeof scores === 'string' && listed && named)
    return {
      scores,
      ...(scoreKinds.includes(scoreKind as ScoreKind) && { scoreKind: scoreKind as ScoreKind }),
      ...(detection !== undefined && { detection: checkDetection(detection) }),
      outputs: outputs as string[],
      layers: layers as ExplainMetadata['layers'],
    };
  throw new SaywhyError(
    'invalid-metadata',
    "The model's metadata saywhy.explain is { scores, outputs: [names], layers: [{ tensor, module, shape }] }. Prepare the model again.",
  );
}

function json(model: Model, key: string): unknown {
  const text = model.metadata.get(key);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new SaywhyError('invalid-metadata', `The model's metadata ${key} is not JSON.`, { cause });
  }
}
