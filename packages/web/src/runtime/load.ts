// Starts onnxruntime-web in this worker, once.
import { type Progress, SaywhyError } from '@saywhy/core';
import * as ort from 'onnxruntime-web/webgpu';
import { download } from '../models/download.js';
import type { Build, Builds } from '../own-files.js';
import { whatLiesAt } from '../remote/lies-at.js';
import { chooseBuild } from './assets.js';
import { reasonOf } from './words.js';

export interface LoadOptions {
  readonly assets?: Builds | string | undefined;
  readonly threads: number;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/** y = x + x for one float32 number, opset 13. */
const TINY_MODEL = 'CAcSADo1Cg4KAXgKAXgSAXkiA0FkZBIBZ1oPCgF4EgoKCAgBEgQKAggBYg8KAXkSCgoICAESBAoCCAFCBAoAEA0=';

/**
 * @param device what the build has to be able to
 * @throws SaywhyError `wasm-failed`, with the address and what to do
 */
export async function loadRuntime(device: 'webgpu' | 'wasm', options: LoadOptions): Promise<void> {
  const build = chooseBuild(device === 'webgpu', options.assets);
  ort.env.logLevel = 'fatal';
  ort.env.wasm.numThreads = options.threads;
  ort.env.wasm.wasmPaths = build;
  ort.env.wasm.wasmBinary = await fetchProgram(build.wasm, options);
  const bytes = Uint8Array.from(atob(TINY_MODEL), (char) => char.charCodeAt(0));
  const watch = watchStart(build);
  try {
    const starting = ort.InferenceSession.create(bytes, { executionProviders: ['wasm'] });
    const session = await Promise.race([starting, watch.stuck]);
    await session.release();
  } catch (error) {
    throw await startFailed(build, error);
  } finally {
    watch.stop();
  }
  ort.env.wasm.wasmBinary = undefined;
}

/** How long the runtime takes to start at most, in milliseconds, before one looks why: its threads may wait for a file that they do not get. */
const PATIENCE = 5000;

/** `stuck` rejects where a start that takes long will never end, and does nothing else. */
function watchStart(build: Build): { readonly stuck: Promise<never>; stop(): void } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stuck = new Promise<never>((_, reject) => {
    timer = setTimeout(async () => {
      const reason = await whatLiesAt(build.mjs, 'JavaScript');
      if (reason !== undefined) reject(wasmFailed(build.mjs, reason));
    }, PATIENCE);
  });
  return { stuck, stop: () => clearTimeout(timer) };
}

/** 00 61 73 6d: what every WebAssembly file begins with. */
const MAGIC = '\0asm';

async function fetchProgram(address: string, { onProgress }: LoadOptions): Promise<Uint8Array<ArrayBuffer>> {
  const failed = (reason: string, cause?: unknown) => wasmFailed(address, reason, cause);
  const { bytes } = await download(address, { what: address.split('/').at(-1)!, onProgress }).catch((error) => {
    throw failed(reasonOf(error.cause ?? error), error);
  });
  const start = String.fromCharCode(...bytes.subarray(0, 256));
  if (start.startsWith(MAGIC)) return bytes;
  throw failed(/<(!doctype|html)/i.test(start) ? 'an HTML page lies there instead' : 'it is not WebAssembly');
}

async function startFailed(build: Build, error: unknown): Promise<SaywhyError> {
  if (error instanceof SaywhyError) return error;
  if (/unsafe-eval|content.security.policy/i.test(String(error)))
    return new SaywhyError(
      'wasm-failed',
      "onnxruntime-web cannot start: the page's Content-Security-Policy forbids WebAssembly. Add 'wasm-unsafe-eval' to script-src.",
      { cause: error },
    );
  const mjs = await whatLiesAt(build.mjs, 'JavaScript');
  return mjs === undefined
    ? wasmFailed(build.wasm, `it does not start: ${reasonOf(error)}`, error)
    : wasmFailed(build.mjs, mjs, error);
}

function wasmFailed(address: string, reason: string, cause?: unknown): SaywhyError {
  const file = address.split('/').at(-1);
  return new SaywhyError(
    'wasm-failed',
    `onnxruntime-web cannot start: ${address} cannot be used: ${reason}. Serve the file ${file} of @saywhy/web's dist there, or give the folder where it lies as the option \`assets\`.`,
    { cause },
  );
}
