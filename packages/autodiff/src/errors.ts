/**
 * Every error that saywhy throws on purpose. `code` is stable across versions: match on it, never on the message, which is written for people: it
 * names the offending value, says what is allowed, and what to do.
 */
export class SaywhyError extends Error {
  readonly code: string;

  constructor(code: string, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'SaywhyError';
    this.code = code;
  }
}
