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
      .replace(/^.*?ERROR_MESSAGE: "?/, '')
      .replace(/^Non-zero status code returned while running (\S+) node\. Name:'([^']*)' Status Message: /, nodeName)
      .replace(/^.*was false\. /, '')
      // The file that it was built from, and the function, with its own brackets.
      .replace(/\/\S+\.(cc|cpp|h):\d+ .*?\([^()]*\)( const)? /, '')
      .replace(/\[ONNXRuntimeError\] : \d+ : \w+ : /, '')
      .replace(/^\[.*?ErrorCode:\w+\] /, '')
      .replace(/["\s.]+$/, '') || 'no reason was given'
  );
}

const nodeName = (_: string, operator: string, name: string): string => `${operator}${name && ` "${name}"`}: `;

/** The last four are tensors larger than any memory, or than the GPU hands out at once. */
const outOfMemory = new RegExp(
  [
    'out of memory|bad_alloc|failed to allocate|allocation failed|cannot enlarge memory|memory access out of bounds|can.t allocate',
    'integer overflow|storage size overflowed|exceeds the max(imum)? (storage )?buffer|invalid (typed )?array length',
  ].join('|'),
  'i',
);

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
