import { type Progress, SaywhyError } from '@saywhy/core';

export interface DownloadOptions {
  /** What is loading, for whoever is shown the progress. */
  readonly what: string;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

export interface Download {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** What the server calls this version of the file. */
  readonly version?: string;
}

/**
 * Fetches a whole file: one that ends early is an error.
 * @throws SaywhyError `fetch-failed`
 */
export async function download(address: string, { what, onProgress }: DownloadOptions): Promise<Download> {
  try {
    const response = await fetch(address);
    if (!response.ok || !response.body)
      throw new Error(`the server answered ${response.status} ${response.statusText}`.trim());
    const { headers } = response;
    // What is compressed on its way has the length of neither; of another origin's file it cannot be seen whether it was.
    const isPlain = response.type === 'basic' && !headers.get('content-encoding');
    const total = isPlain ? Number(headers.get('content-length')) : 0;
    const bytes = await readAll(response.body, (loaded) =>
      onProgress?.({ stage: 'download', what, loaded, ...(total >= loaded && { total }) }),
    );
    if (bytes.length < total) throw new Error(`only ${bytes.length} of ${total} bytes came`);
    const version = versionOf(response);
    return { bytes, ...(version !== undefined && { version }) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new SaywhyError('fetch-failed', `${address} could not be fetched: ${reason.replace(/\.$/, '')}.`, {
      cause: error,
    });
  }
}

/** What tells versions of a file apart, if the server says anything of it. */
export function versionOf({ headers }: Response): string | undefined {
  return headers.get('etag') ?? headers.get('last-modified') ?? undefined;
}

async function readAll(body: ReadableStream<Uint8Array<ArrayBuffer>>, told: (loaded: number) => void) {
  const reader = body.getReader();
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let loaded = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    chunks.push(value);
    loaded += value.length;
    told(loaded);
  }
  const all = new Uint8Array(loaded);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}
