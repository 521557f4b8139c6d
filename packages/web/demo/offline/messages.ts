// What the page and its service worker say to each other.

/** Keep all files of the page but those whose names hold one of these. */
export interface ToServiceWorker {
  readonly kind: 'keep';
  readonly except: readonly string[];
}

export type FromServiceWorker =
  /** Everything is there: the page opens without a network. */
  | { readonly kind: 'kept' }
  /** Something asked for another origin, and was not let. */
  | { readonly kind: 'refused'; readonly origin: string };
