import { type Progress, SaywhyError } from '@saywhy/core';

/** @throws SaywhyError `fetch-failed` */
export async function download(
  address: string,
  what: string,
  {
    onProgress,
    signal,
  }: { readonly onProgress?: ((progress: Progress) => void) | undefined; readonly signal?: AbortSignal | undefined },
): Promise<Uint8Array> {
  try {
    const response = await fetch(address, signal ? { signal } : {});
    if (!response.ok || !response.body)
      throw new Error(`the server answered ${response.status} ${response.statusText}`.trim());
    const length = Number(response.headers.get('content-length'));
    const chunks: Uint8Array[] = [];
    let loaded = 0;
    for await (const chunk of response.body) {
      chunks.push(chunk);
      loaded += chunk.length;
      onProgress?.({ stage: 'download', what, loaded, ...(length > 0 && { total: length }) });
    }
    return Buffer.concat(chunks);
  } catch (error) {
    if (signal?.aborted) throw error;
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SaywhyError('fetch-failed', `${address} could not be fetched: ${reason}.`, { cause: error });
  }
}
