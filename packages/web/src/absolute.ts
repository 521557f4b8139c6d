/** An address as the page means it: the worker has another base. A worker of the page's own, too, may hold an explainer. */
export function absolute(address: string | URL): string {
  return new URL(address, globalThis.document?.baseURI ?? globalThis.location?.href).href;
}
