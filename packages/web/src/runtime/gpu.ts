// The GPU: whether there is one, and what becomes of it.
import { SaywhyError } from '@saywhy/core';
import { env } from 'onnxruntime-web/webgpu';
import { nextTask } from './next-task.js';

/** Why WebGPU cannot be used here; undefined where it can. That `navigator.gpu` is there proves nothing. */
export async function whyNoGpu(): Promise<string | undefined> {
  if (!navigator.gpu)
    return self.isSecureContext
      ? 'this browser does not offer it'
      : 'browsers offer it to pages served over https only';
  try {
    const adapter = await navigator.gpu.requestAdapter();
    return adapter ? undefined : 'the browser found no graphics adapter that it trusts';
  } catch (error) {
    return `asking for a graphics adapter failed (${error instanceof Error ? error.message : error})`;
  }
}

/** Watches the device that onnxruntime-web made, and turns what happens to it into errors. */
export class GpuWatch {
  readonly #lost: Promise<never>;
  #failure: SaywhyError | undefined;

  private constructor(device: GPUDevice) {
    this.#lost = device.lost.then(({ reason, message }) => {
      this.#failure = lost(message || reason);
      throw this.#failure;
    });
    // Nobody may be waiting for it.
    this.#lost.catch(() => undefined);
    device.addEventListener('uncapturederror', ({ error }) => {
      if (error instanceof GPUOutOfMemoryError) this.#failure ??= outOfMemory(error.message);
    });
  }

  static async start(): Promise<GpuWatch> {
    return new GpuWatch(await env.webgpu.device);
  }

  /** @throws SaywhyError `device-lost` or `out-of-memory`, whatever the task itself makes of that */
  async run<T>(task: () => Promise<T>): Promise<T> {
    try {
      const result = await Promise.race([task(), this.#lost]);
      if (this.#failure) throw this.#failure;
      return result;
    } catch (error) {
      // The browser tells of the device after what was done with it has failed.
      await nextTask();
      throw this.#failure ?? error;
    }
  }
}

const lost = (reason: string) =>
  new SaywhyError(
    'device-lost',
    `The GPU is no longer there (${reason.replace(/\.$/, '')}): its driver was reset, or the machine changed cards. Make another explainer; with { device: 'wasm' } it does without the GPU.`,
  );

const outOfMemory = (reason: string) =>
  new SaywhyError(
    'out-of-memory',
    `The GPU has not enough memory (${reason.trim().split('\n')[0]!.replace(/\.$/, '')}). Make another explainer, with a smaller model or with { device: 'wasm' }; dispose of those that are no longer needed.`,
  );
