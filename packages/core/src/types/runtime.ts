// What runs graphs: core needs no more of a runtime than this.
import type { ModelBytes } from '@saywhy/autodiff';
import type { Tensor } from 'onnxruntime-common';
import type { Warning } from './results.js';

/** Where a model runs. `auto` takes the first that the runtime offers and says which. */
export type Device = 'cpu' | 'cuda' | 'webgpu' | 'wasm' | (string & {});

/** What runs ONNX graphs: onnxruntime-node, onnxruntime-web, or anything that fits. */
export interface Runtime {
  readonly name: string;
  readonly version?: string;
  /** Devices that can be used here and now, the preferred one first. */
  devices(): Promise<readonly Device[]>;
  /** Rejects, with the reason, where the device cannot be used; never uses another one instead. */
  createSession(model: ModelBytes, options: SessionOptions): Promise<Session>;
  /** What one should know of how models run on a device that was taken: they become warnings of the model and of each result. */
  warnings?(device: Device): readonly Warning[];
}

export interface SessionOptions {
  readonly device: Device;
  /** Where results stay: on the device, for a session that follows, or (the default) in memory that JavaScript reads. */
  readonly outputs?: 'cpu' | 'device';
  readonly threads?: number;
  /** How WebGPU is to lay tensors out, where onnxruntime's own choice computes this part wrongly. */
  readonly layout?: 'NCHW';
}

export interface Session {
  /** `fetches` are the outputs wanted: all of them where it is left out. */
  run(feeds: Record<string, Tensor>, fetches?: readonly string[]): Promise<Record<string, Tensor>>;
  release(): Promise<void>;
}
