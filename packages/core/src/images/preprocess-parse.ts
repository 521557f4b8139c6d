import { SaywhyError } from '../errors.js';
import { nearest } from '../nearest.js';
import { filters } from './filters.js';
import {
  type Crop,
  type Normalize,
  type Pad,
  type Preprocess,
  type PreprocessStep,
  preprocessPresets,
  type Resize,
  type Size,
} from './preprocess-spec.js';

/** No model sees more than this a side; a larger number in a file is a mistake or an attack on memory. */
const longestSide = 8192;

/**
 * Reads preprocessing from JSON that is not trusted, such as a model's metadata, or by a preset's name (`imagenet`).
 * `channels` (RGB) and `layout` (NCHW) may be left out; a size may be one number for a square.
 * @throws SaywhyError `invalid-preprocess`; the message starts with the path of what is wrong and quotes it.
 */
export function parsePreprocess(json: unknown): Preprocess {
  if (typeof json === 'string') return preprocessPresets[oneOf(json, 'preprocess', ['imagenet'] as const)];
  const spec = record(json, 'preprocess', ['channels', 'layout', 'steps']);
  const channels = oneOf(spec.channels ?? 'RGB', 'preprocess.channels', ['RGB', 'BGR', 'GRAY'] as const);
  const layout = oneOf(spec.layout ?? 'NCHW', 'preprocess.layout', ['NCHW', 'NHWC'] as const);
  if (!Array.isArray(spec.steps)) refuse('preprocess.steps', spec.steps, 'is a list of steps, each { <name>: ... }');
  const count = channels === 'GRAY' ? 1 : 3;
  let bytes = true;
  const steps = (spec.steps as readonly unknown[]).map((entry, i) => {
    const step = parseStep(entry, `preprocess.steps[${i}]`, count, bytes);
    if ('resize' in step && !bytes) {
      refuse(
        `preprocess.steps[${i}]`,
        entry,
        'comes too late: pictures are resized before they are rescaled or normalized',
      );
    }
    if ('rescale' in step || 'normalize' in step) bytes = false;
    return step;
  });
  return { channels, layout, steps };
}

const stepNames = ['resize', 'crop', 'pad', 'rescale', 'normalize'];

/** @param bytes whether the values are still the picture's own, integers from 0 to 255. */
function parseStep(value: unknown, path: string, channels: number, bytes: boolean): PreprocessStep {
  const step = record(value, path, stepNames);
  const names = Object.keys(step);
  if (names.length !== 1) refuse(path, value, `has one key, one of: ${stepNames.join(', ')}`);
  const name = names[0]!;
  const body = step[name];
  const at = `${path}.${name}`;
  if (name === 'resize') return { resize: parseResize(body, at) };
  if (name === 'crop') return { crop: parseCrop(body, at) };
  if (name === 'pad') return { pad: parsePad(body, at, channels, bytes) };
  if (name === 'rescale') return { rescale: nonZero(body, at) };
  return { normalize: parseNormalize(body, at, channels) };
}

function parseResize(value: unknown, path: string): Resize {
  const resize = record(value, path, ['shortest', 'longest', 'size', 'within', 'filter']);
  const filter = oneOf(resize.filter ?? 'bilinear', `${path}.filter`, filters);
  const { size, within, shortest, longest } = resize;
  if (size !== undefined || within !== undefined) {
    if ([size, within, shortest, longest].filter((given) => given !== undefined).length > 1)
      refuse(path, value, 'has either size, or within, or shortest and longest');
    return size === undefined
      ? { within: parseSize(within, `${path}.within`), filter }
      : { size: parseSize(size, `${path}.size`), filter };
  }
  const long = longest === undefined ? undefined : side(longest, `${path}.longest`);
  if (shortest !== undefined) {
    const short = side(shortest, `${path}.shortest`);
    if (long === undefined) return { shortest: short, filter };
    if (long < short) refuse(`${path}.longest`, long, `is not less than shortest, ${short}`);
    return { shortest: short, longest: long, filter };
  }
  if (long === undefined) refuse(path, value, 'needs one of: shortest, longest, size, within');
  return { longest: long as number, filter };
}

function parseCrop(value: unknown, path: string): Size | Crop {
  if (typeof value === 'number' || Array.isArray(value)) return parseSize(value, path);
  const crop = record(value, path, ['size', 'offset']);
  return {
    size: parseSize(crop.size, `${path}.size`),
    offset: oneOf(crop.offset ?? 'round', `${path}.offset`, ['round', 'floor'] as const),
  };
}

function parsePad(value: unknown, path: string, channels: number, bytes: boolean): Pad {
  const pad = record(value, path, ['size', 'value', 'align']);
  const fill = perChannel(pad.value ?? 0, `${path}.value`, channels, finite);
  if (bytes && !fill.every((n) => Number.isInteger(n) && n >= 0 && n <= 255)) {
    refuse(`${path}.value`, pad.value, 'is an integer from 0 to 255 where it comes before rescale and normalize');
  }
  return {
    size: parseSize(pad.size, `${path}.size`),
    value: fill,
    align: oneOf(pad.align ?? 'center', `${path}.align`, ['center', 'top-left'] as const),
  };
}

function parseNormalize(value: unknown, path: string, channels: number): Normalize {
  const normalize = record(value, path, ['mean', 'std']);
  return {
    mean: perChannel(normalize.mean, `${path}.mean`, channels, finite),
    std: perChannel(normalize.std, `${path}.std`, channels, nonZero),
  };
}

function parseSize(value: unknown, path: string): Size {
  if (typeof value === 'number') return [side(value, path), side(value, path)];
  if (!Array.isArray(value) || value.length !== 2) refuse(path, value, 'is [height, width] in pixels');
  const [height, width] = value as readonly unknown[];
  return [side(height, `${path}[0]`), side(width, `${path}[1]`)];
}

function side(value: unknown, path: string): number {
  if (!Number.isInteger(value) || (value as number) < 1 || (value as number) > longestSide) {
    refuse(path, value, `is a whole number of pixels from 1 to ${longestSide}`);
  }
  return value as number;
}

function perChannel(
  value: unknown,
  path: string,
  channels: number,
  read: (value: unknown, path: string) => number,
): number[] {
  if (!Array.isArray(value)) return new Array<number>(channels).fill(read(value, path));
  if (value.length !== channels) refuse(path, value, `has one number for each of the ${channels} channel(s)`);
  return value.map((entry, i) => read(entry, `${path}[${i}]`));
}

function finite(value: unknown, path: string): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) refuse(path, value, 'is a finite number');
  return value as number;
}

function nonZero(value: unknown, path: string): number {
  if (finite(value, path) === 0) refuse(path, value, 'is not zero');
  return value as number;
}

function oneOf<T extends string>(value: unknown, path: string, allowed: readonly T[]): T {
  if (!allowed.includes(value as T))
    refuse(path, value, `is one of: ${allowed.join(', ')}${hint(String(value), allowed)}`);
  return value as T;
}

function record(value: unknown, path: string, keys: readonly string[]): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    refuse(path, value, `is an object with: ${keys.join(', ')}`);
  }
  for (const key of Object.keys(value as object)) {
    if (!keys.includes(key))
      refuse(`${path}.${key}`, undefined, `is not known; ${path} has: ${keys.join(', ')}${hint(key, keys)}`);
  }
  return value as Record<string, unknown>;
}

function hint(name: string, allowed: readonly string[]): string {
  const [near] = nearest(name, allowed);
  return near ? `. Did you mean ${near}?` : '';
}

function refuse(path: string, value: unknown, rule: string): never {
  const quoted = value === undefined ? '' : ` It is ${JSON.stringify(value)?.slice(0, 120) ?? String(value)}.`;
  throw new SaywhyError('invalid-preprocess', `${path} ${rule}${rule.endsWith('?') ? '' : '.'}${quoted}`);
}
