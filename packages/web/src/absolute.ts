import { SaywhyError } from '@saywhy/core';

/**
 * An address as the page means it: the worker has another base. A worker of the page's own, too, may hold an explainer.
 * @throws SaywhyError `invalid-address`
 */
export function absolute(address: string | URL): string {
  try {
    return new URL(address, globalThis.document?.baseURI ?? globalThis.location?.href).href;
  } catch (cause) {
    throw new SaywhyError('invalid-address', `"${address}" is no address of a file.`, { cause });
  }
}
