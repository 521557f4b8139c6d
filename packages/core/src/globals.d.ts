// The globals that Node and browsers share and that this package uses: neither's types are wanted here.
declare global {
  interface AbortSignal {
    readonly aborted: boolean;
    readonly reason: unknown;
  }

  const performance: { now(): number };

  /** Absent in a page that is not served securely. */
  const crypto: { readonly subtle?: { digest(algorithm: 'SHA-256', data: Uint8Array): Promise<ArrayBuffer> } };
}

export {};
