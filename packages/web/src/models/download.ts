import { type Progress, SaywhyError } from '@saywhy/core';

export interface FetchOptions {
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/** @throws SaywhyError `fetch-failed` */
export async function fetchBytes(
  address: string,
  what: string,
  { onProgress }: FetchOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  try {
    const response = await fetch(address);
    if (!response.ok || !response.body)
      throw new Error(`the server answered ${response.status} ${response.statusText}`.trim());
    const total = Number(response.headers.get('content-length'));
    const chunks: Uint8Array<ArrayBuffer>[] = [];
    let loaded = 0;
    const reader = response.body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      chunks.push(value);
      loaded += value.length;
      onProgress?.({ stage: 'download', what, loaded, ...(total > 0 && { total }) });
    }
    return joined(chunks, loaded);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new SaywhyError('fetch-failed', `${address} could not be fetched: ${reason}.`, { cause: error });
  }
}

function joined(chunks: readonly Uint8Array<ArrayBuffer>[], length: number): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    all.set(chunk, offset);
    offset += chunk.length;
  }
  return all;
}
