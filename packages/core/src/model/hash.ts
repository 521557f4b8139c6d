/** SHA-256 of a model file, in hexadecimal; undefined where the platform has no crypto.subtle (a page that is not served securely). */
export async function sha256(bytes: Uint8Array): Promise<string | undefined> {
  const subtle = typeof crypto === 'undefined' ? undefined : crypto.subtle;
  if (!subtle) return undefined;
  const digest = new Uint8Array(await subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
