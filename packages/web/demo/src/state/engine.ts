// The one place where the page meets the library.
import type { Explainer } from '@saywhy/core';
import { createExplainer, type ModelSource, type WebExplainerOptions, type WebInput } from '@saywhy/web';

export type { ModelSource } from '@saywhy/web';

export type DeviceChoice = 'auto' | 'webgpu' | 'wasm';

export type PageExplainer = Explainer<WebInput>;

export function openExplainer(source: ModelSource, options: WebExplainerOptions): Promise<PageExplainer> {
  // The page's own service worker keeps what was fetched, the models too.
  return createExplainer(source, { ...options, cache: false });
}
