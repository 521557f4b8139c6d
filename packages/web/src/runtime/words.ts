// What onnxruntime-web throws is sometimes an Error with its own source location in it, sometimes a bare number: made readable, and told apart.
import { SaywhyError } from '@saywhy/core';

/** The reason in a line, without full stop. */
export function reasonOf(error: unknown): string {
  if (typeof error === 'number') return `its WebAssembly threw the C++ exception ${error}, mostly for want of memory`;
  const message = error instanceof Error ? error.message : String(error);
  return (
    message
      .trim()
      .split('\n')[0]!
      .replace(/^.*was false\. /, '')
      .replace(/^.*?ERROR_MESSAGE: "?/, '')
      .replace(/^\[.*?ErrorCode:\w+\] /, '')
      .replace(/["\s.]+$/, '') || 'no reason was given'
  );
}

const outOfMemory =
  /out of memory|bad_alloc|failed to allocate|allocation failed|cannot enlarge memory|memory access out of bounds|can't allocate/i;

/** @param doing what failed, as the beginning of a sentence */
export function runtimeError(code: string, doing: string, error: unknown): SaywhyError {
  if (error instanceof SaywhyError) return error;
  const reason = reasonOf(error);
  if (typeof error === 'number' || outOfMemory.test(reason))
    return new SaywhyError(
      'out-of-memory',
      `${doing}: there is not enough memory (${reason}). Take a smaller model or input, dispose of other explainers, or try another device.`,
      { cause: error },
    );
  return new SaywhyError(code, `${doing}: ${reason}.`, { cause: error });
}
