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

/**
 * Runs what reads a node, and says which one it was where that fails for a reason that nobody foresaw: with parts of a model that do not fit together
 * anything can happen.
 * @throws SaywhyError `invalid-model`, with the error as its cause
 */
export function explained<T>(node: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof SaywhyError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new SaywhyError(
      'invalid-model',
      `${node} cannot be understood (${reason}). Check the file with onnx.checker; if that passes it, please report this as an error of saywhy.`,
      { cause: error },
    );
  }
}
