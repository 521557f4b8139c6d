import { SaywhyError } from '@saywhy/core';

/** What a data URL holds. It is not fetched, since a strict Content-Security-Policy forbids that. */
export function readDataUrl(address: string): Uint8Array {
  const [, base64, text] = /^data:[^,]*?(;base64)?,(.*)$/is.exec(address) ?? [];
  try {
    const bytes = decodeURIComponent(text!);
    if (base64) return Uint8Array.from(atob(bytes), (char) => char.charCodeAt(0));
  } catch (error) {
    throw new SaywhyError('invalid-picture', 'The data URL is not valid base64.', { cause: error });
  }
  throw new SaywhyError('invalid-picture', 'The data URL is not in base64, as those of pictures are.');
}
