import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** A model that comes with saywhy, as the manifest of `@saywhy/models` describes it. */
export interface BundledModel {
  readonly name: string;
  readonly file: string;
  readonly title: string;
  /** In Hugging Face's words: `image-classification`, `visual-question-answering`, `image-to-text`, `image-segmentation`. */
  readonly task: string;
  /** Of a classifier, the share of ImageNet's validation pictures whose class is its first answer. */
  readonly top1?: number;
  readonly facts: string;
  readonly source: string;
  readonly licence: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly input: readonly number[];
  readonly classes: number;
  readonly parameters: number;
}

export const DEFAULT_MODEL = 'efficientnet-lite0';

const manifestPath = (): string => createRequire(import.meta.url).resolve('@saywhy/models/manifest.json');

/** The models that need no file of one's own. */
export async function bundledModels(): Promise<readonly BundledModel[]> {
  return JSON.parse(await readFile(manifestPath(), 'utf8')).models;
}

export const bundledPath = ({ file }: BundledModel): string => join(dirname(manifestPath()), file);
