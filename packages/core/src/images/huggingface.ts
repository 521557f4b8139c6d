import { SaywhyError } from '../errors.js';
import { nearest } from '../nearest.js';
import type { Filter } from './filters.js';
import { parsePreprocess } from './preprocess-parse.js';
import type { Preprocess } from './preprocess-spec.js';

/** PIL's numbers for its filters, which Hugging Face's configs use. */
const resample: readonly Filter[] = ['nearest', 'lanczos', 'bilinear', 'bicubic', 'box', 'hamming'];

/** Processors whose `size: 224` means the shortest side; for all others it is a square. */
const keepsProportions = /^(CLIP|ChineseCLIP|ConvNext|MobileViT|MobileNetV[12]|Levit|PoolFormer|Bit|Detr|Yolos|Vilt)/;

type Config = Readonly<Record<string, unknown>>;
type Steps = Record<string, unknown>[];

/**
 * Reads a Hugging Face `preprocessor_config.json`, also those of old feature extractors. Follows the processors of
 * transformers 5 for pictures of a fixed size; ConvNeXT's (also ResNet's and RegNet's) `crop_pct`, LeViT's, PoolFormer's,
 * EfficientNet's and MobileViT's own rules are honoured.
 * @throws SaywhyError `invalid-preprocess` naming the key, when a config asks for what cannot be done here.
 */
export function fromHuggingFace(config: unknown): Preprocess {
  if (typeof config !== 'object' || config === null || Array.isArray(config)) {
    throw new SaywhyError('invalid-preprocess', 'A preprocessor_config.json holds an object.');
  }
  const c = config as Config;
  const type = String(c.image_processor_type ?? c.feature_extractor_type ?? '');
  const steps: Steps = [];
  if (c.do_resize ?? c.size !== undefined) steps.push(...resizeSteps(c, type));
  if (c.do_center_crop ?? c.crop_size !== undefined) {
    steps.push({ crop: { size: box(c.crop_size ?? c.size, 'crop_size'), offset: 'floor' } });
  }
  if (c.do_rescale ?? true) {
    steps.push({ rescale: c.rescale_factor ?? 1 / 255 });
    if (c.rescale_offset) steps.push({ normalize: { mean: 1, std: 1 } });
  }
  // MobileViT's processors carry a mean that they never use, and give the model BGR.
  const mobileViT = type.startsWith('MobileViT');
  if (c.do_normalize ?? (c.image_mean !== undefined && !mobileViT)) {
    steps.push({ normalize: { mean: given(c, 'image_mean'), std: given(c, 'image_std') } });
  }
  // EfficientNet's processors divide by the deviation once more, as the original weights were trained.
  if (type.startsWith('EfficientNet') && (c.include_top ?? true)) {
    steps.push({ normalize: { mean: 0, std: given(c, 'image_std') } });
  }
  // Without a size, padding only makes the pictures of a batch equal.
  if (c.do_pad && c.pad_size !== undefined && c.pad_size !== null) {
    steps.push({ pad: { size: box(c.pad_size, 'pad_size'), align: 'top-left' } });
  }
  const flipped = c.do_flip_channel_order ?? mobileViT;
  return parsePreprocess({ channels: flipped ? 'BGR' : 'RGB', layout: 'NCHW', steps });
}

function resizeSteps(c: Config, type: string): Steps {
  const size = sizeOf(c.size, type);
  const filter = filterOf(c.resample);
  const { shortest } = size;
  if (shortest === undefined) return [{ resize: { ...size, filter } }];
  if (type.startsWith('ConvNext')) {
    if (shortest >= 384) return [{ resize: { size: [shortest, shortest], filter } }];
    const whole = Math.trunc(shortest / numberOr(c.crop_pct, 224 / 256, 'crop_pct'));
    return [{ resize: { shortest: whole, filter } }, { crop: { size: [shortest, shortest], offset: 'floor' } }];
  }
  if (type.startsWith('Levit')) return [{ resize: { shortest: Math.trunc((256 / 224) * shortest), filter } }];
  if (type.startsWith('PoolFormer') && c.crop_pct !== null) {
    return [{ resize: { shortest: Math.trunc(shortest / numberOr(c.crop_pct, 0.9, 'crop_pct')), filter } }];
  }
  return [{ resize: { ...size, filter } }];
}

function sizeOf(value: unknown, type: string): { shortest?: number; longest?: number; size?: number[] } {
  if (typeof value === 'number') return keepsProportions.test(type) ? { shortest: value } : { size: [value, value] };
  const { shortest_edge: shortest, longest_edge: longest } = (value ?? {}) as Record<string, number | undefined>;
  if (shortest !== undefined || longest !== undefined) {
    return { ...(shortest === undefined ? {} : { shortest }), ...(longest === undefined ? {} : { longest }) };
  }
  return { size: box(value, 'size') };
}

/** [height, width] of `{ height, width }`, of a list of the two, or of one number for a square. */
function box(value: unknown, key: string): number[] {
  if (typeof value === 'number') return [value, value];
  if (Array.isArray(value) && value.length === 2) return value as number[];
  const { height, width, shortest_edge: edge } = (value ?? {}) as Record<string, number | undefined>;
  if (height !== undefined && width !== undefined) return [height, width];
  if (key === 'crop_size' && edge !== undefined) return [edge, edge];
  throw new SaywhyError(
    'invalid-preprocess',
    `preprocessor_config.json: ${key} is ${JSON.stringify(value)}; known are a number, { height, width }` +
      `${key === 'size' ? ', { shortest_edge } and { longest_edge }' : ''}. Give the steps with the preprocess option.`,
  );
}

function filterOf(value: unknown): Filter {
  const number = value ?? 2;
  const name = typeof number === 'string' ? number.toLowerCase() : resample[number as number];
  if (name !== undefined && resample.includes(name as Filter)) return name as Filter;
  const [near] = nearest(String(value), resample);
  throw new SaywhyError(
    'invalid-preprocess',
    `preprocessor_config.json: resample is ${JSON.stringify(value)}; it is 0 to 5, or one of: ${resample.join(', ')}.` +
      (near ? ` Did you mean ${near}?` : ''),
  );
}

function given(c: Config, key: string): unknown {
  if (c[key] !== undefined && c[key] !== null) return c[key];
  throw new SaywhyError('invalid-preprocess', `preprocessor_config.json: do_normalize is on, but ${key} is missing.`);
}

function numberOr(value: unknown, otherwise: number, key: string): number {
  if (value === undefined) return otherwise;
  if (typeof value === 'number' && value > 0) return value;
  throw new SaywhyError(
    'invalid-preprocess',
    `preprocessor_config.json: ${key} is ${JSON.stringify(value)}, no share.`,
  );
}
