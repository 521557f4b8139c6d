// A function of a test as text that a page runs. All engines take the same text and give the same JSON back.

/** What a page threw. `code` is there if it was one of saywhy's errors. */
export class PageError extends Error {
  override readonly name: string;
  readonly code: string | undefined;

  constructor({ name, message, code, stack }: { name: string; message: string; code?: string; stack?: string }) {
    super(message);
    this.name = name;
    this.code = code;
    this.stack = `${name}: ${message}\n  in the page: ${stack ?? ''}`;
  }
}

/**
 * The call of a function as an expression for a page; its value is a promise of JSON. What tsx's compiler adds to a
 * function that holds functions is defined beside it.
 */
export function expression<A extends readonly unknown[]>(f: (...args: A) => unknown, args: A): string {
  const values = JSON.stringify(args).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
  return `(async () => {
    const __name = (f) => f;
    try {
      return JSON.stringify({ value: await (${f.toString()})(...${values}) });
    } catch (error) {
      const { name = 'Error', message = String(error), code, stack } = error ?? {};
      return JSON.stringify({ error: { name, message, code, stack } });
    }
  })()`;
}

export function answer<T>(json: string): T {
  const { value, error } = JSON.parse(json) as {
    value: T;
    error?: { name: string; message: string; code?: string; stack?: string };
  };
  if (error) throw new PageError(error);
  return value;
}
