// All that is known of a model before it runs.
import {
  differentiate,
  extract,
  inlineGraphs,
  isQuantized,
  type Model,
  type ModelBytes,
  parseModel,
  requiredInputs,
} from '@saywhy/autodiff';
import { SaywhyError } from '../errors.js';
import { type Preprocess, parsePreprocess } from '../images/index.js';
import { type Features, findFeatures, preferring } from '../layers/features.js';
import { methods } from '../methods/index.js';
import type { ExplainerOptions, InputInfo, ModelInfo, ScoreKind, Source, Warning, WordTokenizer } from '../types.js';
import { checkDetection } from './detection-metadata.js';
import type { ForeignModel, foreignModel } from './foreign.js';
import { hasLinearHead } from './head.js';
import { guessPreprocess, inputsOf, pictureInput } from './inputs.js';
import { checkLabels, type Metadata, readMetadata } from './metadata.js';
import { classesIn, type FoundScores, findScores } from './scores.js';

export interface Description {
  readonly info: ModelInfo;
  /** Without the gradients of a prepared file. */
  readonly model: Model;
  /** The file itself, where it came with gradients, and the tensors that it has them of. */
  readonly prepared: { readonly model: Model; readonly tensors: readonly string[] } | undefined;
  readonly picture: InputInfo;
  /** What is fed from outside: the model's inputs without the one that asks for a gradient. */
  readonly fed: readonly InputInfo[];
  /** The gradients that the model came with, where its user named them. */
  readonly foreign: ForeignModel | undefined;
  readonly scores: FoundScores;
  readonly labels: readonly string[] | undefined;
  readonly features: Features;
}

export type DescribeOptions = Pick<
  ExplainerOptions,
  'scores' | 'scoreKind' | 'detection' | 'labels' | 'preprocess' | 'name' | 'gradients'
>;

/**
 * @param readForeign reads `gradients`, which few models come with: it is loaded for them alone
 * @throws SaywhyError `no-scores`, `no-picture-input`, `unknown-tensor`, `invalid-metadata`, `invalid-preprocess`, `labels-mismatch`
 */
export function describeModel(
  file: Model,
  options: DescribeOptions = {},
  readForeign?: typeof foreignModel,
): Description {
  const metadata = readMetadata(file);
  const { explain } = metadata;
  // What the file says is said of its own scores.
  const isOwn = options.scores === undefined || options.scores === explain?.scores;
  const written = isOwn ? (explain?.scoreKind ?? metadata.taskKind) : undefined;
  const own = explain ? stripGradients(file, explain.outputs, explain.scores) : file;
  const model = inlineGraphs(own);
  const { input: read } = (metadata.tokenizer ?? {}) as { readonly input?: unknown };
  const inputs = inputsOf(model, { ...(typeof read === 'string' && { [read]: 'text' }), ...metadata.inputs });
  const picture = pictureInput(inputs);
  const labels = options.labels ? checkLabels(options.labels, '`labels`') : metadata.labels;
  const foreignOutputs = Object.values(options.gradients ?? {}).flatMap(({ activation, gradient }) => [
    activation,
    gradient,
  ]);
  const ownDetection = isOwn ? (explain?.detection ?? metadata.detection) : undefined;
  const scores = findScores(model, picture, {
    others: foreignOutputs,
    scores: options.scores ?? explain?.scores,
    ...(options.scoreKind ? { kind: options.scoreKind } : written && { kind: written, kindFrom: 'metadata' as const }),
    detection: options.detection ? { ...ownDetection, ...checkDetection(options.detection) } : ownDetection,
    labels,
  });
  const ready = explain && own !== file && scores.tensor === explain.scores;
  const prepared = ready ? { model: file, tensors: explain.layers.map(({ tensor }) => tensor) } : undefined;
  const foreign = options.gradients && readForeign?.(model, options.gradients, inputs, picture, scores);
  const found = foreign?.features ?? findFeatures(model, picture.name, scores);
  const features = preferring(found, prepared?.tensors ?? []);
  const preprocess = preprocessing(options.preprocess, metadata.preprocess, picture);
  const warnings = [
    ...preprocessGuessed(preprocess, picture),
    ...labelWarnings(labels, scores),
    ...(scores.kindFrom === 'guess' ? kindGuessed(scores) : []),
    ...(isQuantized(model) ? [straightThrough] : []),
  ];
  return {
    info: {
      name: options.name ?? (model.graph.name || 'model'),
      inputs: inputs.map((input) => (isCaption(input, metadata, scores) ? { ...input, kind: 'caption' } : input)),
      picture: picture.name,
      outputs: model.graph.outputs.map(({ name, type, shape }) => ({ name, type, shape: shape ?? [] })),
      scores: {
        tensor: scores.tensor,
        shape: scores.shape ?? [],
        kind: scores.kind,
        kindFrom: scores.kindFrom,
        ...(scores.detection && { detection: scores.detection }),
        ...(scores.through !== undefined && { through: scores.through }),
      },
      ...(labels && { labels }),
      ...(metadata.tokenizer !== undefined && { tokenizer: metadata.tokenizer as WordTokenizer }),
      ...preprocess,
      layers: features.listed,
      ...(features.auto && { layer: features.auto }),
      methods: applicable(model, features, scores, picture.name, foreign !== undefined),
      withoutDerivative: foreign ? [] : undifferentiable(model, scores.tensor, picture.name, features.differentiable),
      warnings,
    },
    model,
    prepared,
    picture,
    fed: inputs.filter(({ name }) => name !== foreign?.selector?.name),
    foreign,
    scores,
    labels,
    features,
  };
}

/** Where there are scores after each token, the text is what the model goes on with, unless the file says otherwise. */
function isCaption({ name, kind }: InputInfo, { inputs }: Metadata, { shape, kind: scores }: FoundScores): boolean {
  return kind === 'text' && inputs[name] === undefined && shape?.length === 3 && scores === 'softmax';
}

/** A prepared file's model without what `prepare` added. */
export function stripGradients(file: Model, outputs: readonly string[], scores: string): Model {
  const missing = outputs.filter((name) => !file.graph.outputs.some((output) => output.name === name));
  if (missing.length > 0)
    throw new SaywhyError(
      'invalid-metadata',
      `The model's metadata saywhy.explain names outputs that it does not have: ${missing.join(', ')}. Prepare the model again.`,
    );
  const own = new Set(outputs);
  if (file.graph.outputs.every(({ name }) => own.has(name))) return file;
  const cotangent = `cotangent/${scores}`;
  const inputs = requiredInputs(file.graph).flatMap(({ name }) => (name === cotangent ? [] : [name]));
  return extract(file, { inputs, outputs });
}

function preprocessing(
  stated: ExplainerOptions['preprocess'],
  written: Preprocess | undefined,
  picture: InputInfo,
): { preprocess?: Preprocess; preprocessFrom?: Source } {
  if (stated) return { preprocess: parsePreprocess(stated), preprocessFrom: 'option' };
  if (written) return { preprocess: written, preprocessFrom: 'metadata' };
  const preprocess = guessPreprocess(picture);
  return preprocess ? { preprocess, preprocessFrom: 'guess' } : {};
}

function preprocessGuessed({ preprocessFrom }: { preprocessFrom?: Source }, picture: InputInfo): Warning[] {
  if (preprocessFrom !== 'guess') return [];
  return [
    {
      code: 'preprocess-guessed',
      message: `Nothing says how pictures become the input "${picture.name}": ImageNet's usual steps are assumed. If the scores look flat, pass \`preprocess\`.`,
    },
  ];
}

function labelWarnings(labels: readonly string[] | undefined, scores: FoundScores): Warning[] {
  const classes = classesOf(scores);
  const expected = scores.kind === 'binary' ? labels?.length === 1 || labels?.length === 2 : labels?.length === classes;
  if (!labels || classes === undefined || expected) return [];
  return [
    {
      code: 'labels-mismatch',
      message: `There ${labels.length === 1 ? 'is 1 label' : `are ${labels.length} labels`} for ${classes} scores: labels may be wrong.`,
    },
  ];
}

/** How many labels there should be, where that is known. */
function classesOf({ kind, shape }: FoundScores): number | undefined {
  if (kind === 'binary') return 2;
  return ['segmentation', 'detection', 'embedding'].includes(kind) ? undefined : classesIn(shape);
}

const straightThrough: Warning = {
  code: 'straight-through',
  message:
    'The model is quantized: it rounds numbers to integers on its way. Gradients pass straight through the rounding (the straight-through estimator), as if it were not there.',
};

/** That scores in a row are those of classes needs no word. */
function kindGuessed({ kind, shape, tensor, detection }: FoundScores): Warning[] {
  const found = guesses[kind];
  if (!found || (kind === 'regression' && classesIn(shape) !== 1)) return [];
  const more = detection ? ` They are read as ${JSON.stringify(detection)}; correct it with \`detection\`.` : '';
  const message = `Nothing says what the scores "${tensor}" [${shape ?? 'unknown'}] mean: they are taken as ${found}. Say what they are with \`scoreKind\`.${more}`;
  return [{ code: 'score-kind-guessed', message }];
}

const guesses: Partial<Readonly<Record<ScoreKind, string>>> = {
  binary: 'yes against no',
  regression: 'a value',
  segmentation: 'the logits of classes at places (segmentation)',
  detection: 'candidate boxes (detection)',
  embedding: 'a vector that is compared with others (embedding)',
};

/** Operators between the picture and the scores that no gradient passes. */
function undifferentiable(
  model: Model,
  scores: string,
  picture: string,
  differentiable: ReadonlySet<string>,
): string[] {
  if (differentiable.has(picture)) return [];
  try {
    differentiate(model, { of: scores, wrt: [picture] });
    return [];
  } catch (error) {
    if (!(error instanceof SaywhyError)) throw error;
    const listed = error.message.split('\n').filter((line) => line.startsWith('  '));
    return listed.length > 0 ? listed.map((line) => line.trim()) : [error.message];
  }
}

function applicable(
  model: Model,
  features: Features,
  scores: FoundScores,
  picture: string,
  ownGradients: boolean,
): string[] {
  return methods
    .filter(({ needs, rules }) => {
      if (rules && ownGradients) return false;
      if (needs.includes('activations') && !features.last) return false;
      if (needs.includes('gradients') && !features.auto) return false;
      if (needs.includes('input-gradients') && !features.differentiable.has(picture)) return false;
      return !needs.includes('head') || hasLinearHead(model, features.last!.tensor, scores.tensor);
    })
    .map(({ name }) => name);
}

/** What is known of a model before it runs: inputs, scores, layers, methods that apply, preprocessing, warnings. */
export function inspectModel(
  source: Uint8Array | ModelBytes | Model,
  options: Omit<DescribeOptions, 'gradients'> = {},
): ModelInfo {
  return describeModel('graph' in source ? source : parseModel(source), options).info;
}
