// What the calls of one explainer share.
import type { Model } from '@saywhy/autodiff';
import { SaywhyError } from '../errors.js';
import type { Description } from '../model/describe.js';
import { arrangementOf } from '../model/inputs.js';
import { classesIn } from '../model/scores.js';
import type { GradientSource, RawScores } from '../sessions/work.js';
import type { Scores } from '../targets/scores.js';
import { allFinite } from '../tensors/numbers.js';
import type {
  Device,
  Input,
  ModelInfo,
  Prediction,
  PredictionResult,
  Provenance,
  ScoreKind,
  Target,
  Timings,
  Warning,
} from '../types.js';
import { type Fed, feed } from './feeds.js';
import { RulesNames } from './plan.js';
import { Remembered } from './remembered.js';

export class Core {
  readonly rulesNames = new RulesNames();
  readonly #known = new Map<string, unknown>();
  readonly #remembered = new Remembered();
  /** What is known of the model on this device. */
  readonly info: ModelInfo;

  constructor(
    readonly description: Description,
    readonly runner: GradientSource,
    readonly device: Device,
    deviceWarnings: readonly Warning[],
    private readonly versions: Readonly<Record<string, string>>,
    private readonly sha256: Promise<string | undefined>,
  ) {
    const { info } = description;
    this.info = { ...info, warnings: [...deviceWarnings, ...info.warnings] };
  }

  get model(): Model {
    return this.description.model;
  }

  feed(input: Input): Fed {
    const { info, picture, fed } = this.description;
    return feed(input, { inputs: fed, picture, preprocess: info.preprocess, remembered: this.#remembered });
  }

  interpret = (scores: RawScores): Scores => interpretScores(this.description, scores);

  /** Remembers what depends on the model alone. */
  once<T>(key: string, make: () => T): T {
    if (!this.#known.has(key)) this.#known.set(key, make());
    return this.#known.get(key) as T;
  }

  /** What one should know of the model; how pictures are preprocessed is of no matter to a tensor. */
  warnings(withPicture: boolean): readonly Warning[] {
    const { warnings } = this.info;
    return withPicture ? warnings : warnings.filter(({ code }) => code !== 'preprocess-guessed');
  }

  result(
    fed: Fed,
    predictions: readonly Prediction[],
    warnings: readonly Warning[],
    timings: Timings,
  ): Omit<PredictionResult, 'provenance'> {
    return {
      predictions,
      ...(fed.region && { region: fed.region }),
      model: this.description.info.name,
      device: this.device,
      timings,
      warnings,
    };
  }

  async provenance(withPicture: boolean): Promise<Provenance> {
    const { name, preprocess } = this.description.info;
    const sha256 = await this.sha256;
    return {
      model: { name, ...(sha256 !== undefined && { sha256 }) },
      versions: this.versions,
      ...(withPicture && preprocess && { preprocess }),
    };
  }
}

/** @throws SaywhyError `not-finite`, `unsupported-scores` */
export function interpretScores(description: Description, { data, shape, others }: RawScores): Scores {
  const { kind, normalized, tensor, detection } = description.scores;
  if (!allFinite(data))
    throw new SaywhyError(
      'not-finite',
      `The model's scores "${tensor}" hold NaN or infinite values. Are the inputs in the range it was trained with?`,
    );
  if ((shape.length > 1 && shape[0] !== 1) || (kind === 'binary' && data.length !== 1))
    throw new SaywhyError(
      'unsupported-scores',
      `"${tensor}" came back as [${shape}], which is not the scores of one picture${kind === 'binary' ? ', one number of yes against no' : ''}. Name another tensor with \`scores\`, or their kind with \`scoreKind\`.`,
    );
  return {
    data,
    shape,
    kind,
    normalized,
    labels: labelsOf(description),
    listed: isList(shape),
    ...(others && { others }),
    ...(detection && { detection }),
    channelsLast: arrangementOf(description.picture.shape) === 'channels-last',
  };
}

/** What of the model has to be known beside its scores. */
export function othersOf({ scores: { tensor, detection } }: Description): readonly string[] {
  return detection && detection.boxes !== tensor ? [detection.boxes] : [];
}

/** Kinds whose scores are one number a class: of the others nothing can be told before a run. */
const inLists: ReadonlySet<ScoreKind> = new Set(['softmax', 'multilabel', 'binary', 'regression']);

function isList(shape: readonly number[]): boolean {
  return shape.length <= 1 || shape.slice(2).every((size) => size === 1);
}

/** Scores of zero, for what is known before any run; undefined where the number of classes is not. */
export function blankScores(description: Description): Scores | undefined {
  const { kind, normalized, shape } = description.scores;
  const count = classesIn(shape);
  if (!shape || count === undefined || !inLists.has(kind)) return undefined;
  const sizes = shape.map((size, axis) => (axis === 0 && shape.length > 1 ? 1 : (size as number)));
  return {
    data: new Float32Array(count),
    shape: sizes,
    kind,
    normalized,
    labels: labelsOf(description),
    listed: isList(sizes),
  };
}

/** One label of a binary model names its yes; one value without a label is called as its tensor is. */
function labelsOf({ scores, labels }: Description): readonly string[] | undefined {
  if (scores.kind === 'regression' && !labels && classesIn(scores.shape) === 1) return [scores.tensor];
  return scores.kind === 'binary' && labels?.length === 1 ? [`not ${labels[0]}`, labels[0]!] : labels;
}

/** Targets whose pictures, if they compare with some, are vectors. */
export async function withVectors(
  core: Core,
  targets: readonly Target[],
  signal: AbortSignal | undefined,
): Promise<readonly Target[]> {
  if (core.description.scores.kind !== 'embedding') return targets;
  const { embedPictures } = await import('./embed-pictures.js');
  return embedPictures(core, targets, signal);
}
