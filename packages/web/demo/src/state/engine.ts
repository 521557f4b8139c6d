// The one place where the page meets the library.
import type { Explainer, ExplainerOptions, ExplainOptions, ExplanationMap } from '@saywhy/core';
import { createExplainer, type ModelSource, type WebInput } from '@saywhy/web';

export type { ModelSource } from '@saywhy/web';

export type DeviceChoice = 'auto' | 'webgpu' | 'wasm';

/** A method's map beside the one that the same method gives on random weights. */
export interface SanityResult {
  /** Rank correlation of the two maps' magnitudes: 1 where the weights made no difference. */
  readonly similarity: number;
  readonly map: ExplanationMap;
  readonly seed: number;
}

export type SanityOptions = Pick<ExplainOptions, 'method' | 'target' | 'layer' | 'signal' | 'onProgress'> & {
  readonly seed?: number;
};

export type PageExplainer = Explainer<WebInput> & {
  sanityCheck(picture: WebInput, options: SanityOptions): Promise<SanityResult>;
};

export type OpenOptions = Omit<ExplainerOptions, 'runtime' | 'device'> & { readonly device?: DeviceChoice };

export async function openExplainer(source: ModelSource, options: OpenOptions): Promise<PageExplainer> {
  // The page's own service worker keeps what was fetched, the models too.
  return (await createExplainer(source, { ...options, cache: false })) as PageExplainer;
}
