// Keeps what a page writes to its console and what it fails with, where the browser's driver does not tell.
export const recorderPath = '/.recorder.js';

export interface Recorded {
  readonly console: string[];
  readonly errors: string[];
}

/** Runs in the page, before all else; it is sent as text. Workers are not heard. */
export function recorder(): void {
  const recorded: Recorded = { console: [], errors: [] };
  Object.defineProperty(globalThis, '__recorded', { value: recorded });
  for (const level of ['debug', 'log', 'info', 'warn', 'error'] as const) {
    const write = console[level];
    console[level] = (...values: unknown[]) => {
      write.apply(console, values);
      recorded.console.push(`${level}: ${values.map(String).join(' ')}`);
      if (level === 'error') recorded.errors.push(values.map(String).join(' '));
    };
  }
  addEventListener(
    'error',
    ({ message, target }) => {
      const source = target instanceof HTMLElement ? `${target.localName} ${target.getAttribute('src') ?? ''}` : '';
      recorded.errors.push(message ?? `Not loaded: ${source}`);
    },
    true,
  );
  addEventListener('unhandledrejection', ({ reason }) => recorded.errors.push(`Unhandled: ${reason}`));
  addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI }) => {
    recorded.errors.push(`Content-Security-Policy: ${effectiveDirective} blocked ${blockedURI}`);
  });
}
