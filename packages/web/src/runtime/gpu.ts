// The GPU: whether there is one, and what becomes of it.
import { SaywhyError } from '@saywhy/core';
import { env } from 'onnxruntime-web/webgpu';

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

/** How long a failure waits for what the browser has to say of the device, in milliseconds: that comes later, and nobody promises how much. */
const PATIENCE = 1000;

/** Watches the device that onnxruntime-web made, and turns what happens to it into errors. */
export class GpuWatch {
  /** Rejected once the device is of no more use. */
  readonly #broken: Promise<never>;

  private constructor(device: GPUDevice) {
    this.#broken = new Promise((_, reject) => {
      void device.lost.then(({ reason, message }) => reject(lost(message || reason)));
      device.addEventListener('uncapturederror', ({ error }) => {
        if (error instanceof GPUOutOfMemoryError) reject(outOfMemory(error.message));
      });
    });
    // Nobody may be waiting for it.
    this.#broken.catch(() => undefined);
  }

  static async start(): Promise<GpuWatch> {
    return new GpuWatch(await env.webgpu.device);
  }

  /** @throws SaywhyError `device-lost` or `out-of-memory`, whatever the task itself makes of that */
  async run<T>(task: () => Promise<T>): Promise<T> {
    try {
      return await Promise.race([task(), this.#broken]);
    } catch (error) {
      const patience = new Promise<never>((_, reject) => setTimeout(reject, PATIENCE, error));
      return Promise.race([this.#broken, patience]);
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
