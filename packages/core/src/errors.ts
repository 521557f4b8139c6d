/**
 * The base of every error that saywhy throws on purpose. `code` is stable and meant for programs; `message` is meant for
 * people: it names the offending value, what is allowed or near, and what to do.
 */
export class SaywhyError extends Error {
  readonly code: string;

  constructor(code: string, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = 'SaywhyError';
    this.code = code;
  }
}
