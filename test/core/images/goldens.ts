import { readFileSync } from 'node:fs';
import type { Picture, Rectangle } from '../../../packages/core/src/images/index.js';

interface Encoded {
  readonly width: number;
  readonly height: number;
  readonly data: string;
}

interface Goldens {
  readonly pictures: Record<'noise' | 'gradient' | 'thin', Encoded>;
  readonly gray: string;
  readonly resize: (Encoded & { readonly picture: 'noise'; readonly filter: 'box'; readonly mode: 'RGB' | 'L' })[];
  readonly large: { readonly filter: 'box'; readonly sha256: string }[];
  readonly preprocess: {
    readonly picture: 'noise';
    readonly spec: unknown;
    readonly shape: number[];
    readonly data: string;
  }[];
  readonly huggingFace: {
    readonly picture: 'noise';
    readonly config: Record<string, unknown>;
    readonly shape: number[];
    readonly data: string;
  }[];
  readonly oriented: Encoded & { readonly cases: (Encoded & { readonly orientation: number })[] };
  readonly maps: {
    readonly shape: number[];
    readonly size: number[];
    readonly data: string;
    readonly resized: string;
  }[];
  readonly colormaps: Record<'viridis' | 'cividis' | 'inferno' | 'magma', string>;
}

/** Written by scripts/write_image_goldens.py with PIL, torchvision, PyTorch, transformers and matplotlib. */
export const goldens: Goldens = JSON.parse(
  readFileSync(new URL('../../fixtures/images/goldens.json', import.meta.url), 'utf8'),
);

export const bytes = (base64: string): Uint8Array => new Uint8Array(Buffer.from(base64, 'base64'));
export const floats = (base64: string): Float32Array => new Float32Array(bytes(base64).buffer);

/** RGB bytes as a picture; alpha varies, since it must not matter. */
export function pictureOf({ width, height, data }: Encoded): Picture {
  const rgb = bytes(data);
  const rgba = new Uint8ClampedArray(width * height * 4);
  for (let i = 0; i < width * height; i++) {
    rgba.set(rgb.subarray(i * 3, i * 3 + 3), i * 4);
    rgba[i * 4 + 3] = i % 256;
  }
  return { data: rgba, width, height };
}

export const golden = (name: 'noise' | 'gradient' | 'thin'): Picture => pictureOf(goldens.pictures[name]);

export function rgbBytes({ data }: Picture): Uint8Array {
  return data.filter((_, i) => i % 4 !== 3) as Uint8Array;
}

export function solid(width: number, height: number, [r, g, b]: readonly [number, number, number]): Picture {
  const data = new Uint8ClampedArray(width * height * 4);
  for (let i = 0; i < data.length; i += 4) data.set([r, g, b, 255], i);
  return { data, width, height };
}

/** The largest difference between two arrays of one length. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) throw new Error(`${a.length} values against ${b.length}`);
  let worst = 0;
  for (let i = 0; i < a.length; i++) worst = Math.max(worst, Math.abs(a[i]! - b[i]!));
  return worst;
}

export const whole = ({ width, height }: Picture): Rectangle => ({ x: 0, y: 0, width, height });
