// Browsers say little about why a file could not be used: a second look at its address says it.

const kinds = {
  JavaScript: /^(text|application)\/javascript/,
  WebAssembly: /^application\/(wasm|octet-stream)/,
} as const;

/**
 * What is wrong with the file that was expected at an address, as the end of a sentence; undefined where nothing can be seen to be.
 */
export async function whatLiesAt(address: string, expected: keyof typeof kinds): Promise<string | undefined> {
  let response: Response;
  try {
    response = await fetch(address);
  } catch (error) {
    return `it cannot be reached (${error instanceof Error ? error.message : error})`;
  }
  await response.body?.cancel();
  if (!response.ok) return `the server answered ${response.status} ${response.statusText}`.trim();
  const type = response.headers.get('content-type') ?? 'nothing about its type';
  if (/^text\/html/.test(type)) return 'an HTML page lies there instead';
  if (!kinds[expected].test(type)) return `the server says ${type}, not ${expected}`;
  const isolated = globalThis.crossOriginIsolated && new URL(address).origin === location.origin;
  if (isolated && expected === 'JavaScript' && !response.headers.get('cross-origin-embedder-policy'))
    return 'this page is cross-origin isolated, and the file comes without "Cross-Origin-Embedder-Policy: require-corp"';
  return undefined;
}
