// core's Runtime over onnxruntime-web: WebGPU and wasm.
import { type DataType, nearest, parseModel } from '@saywhy/autodiff';
import {
  type Device,
  type ModelBytes,
  type Progress,
  type Runtime,
  SaywhyError,
  type Session,
  type SessionOptions,
  type Warning,
} from '@saywhy/core';
import * as ort from 'onnxruntime-web/webgpu';
import type { Builds } from '../own-files.js';
import { COMPARED_BYTES, openCompared } from './compare.js';
import { GpuWatch, whyNoGpu } from './gpu.js';
import { loadRuntime } from './load.js';
import { nextTask } from './next-task.js';
import { threadsFor } from './threads.js';
import { runtimeError } from './words.js';

export interface WebRuntimeOptions {
  readonly assets?: Builds | string | undefined;
  readonly threads?: number | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/** Warnings about single operators help nobody who explains a picture; an error is thrown anyway, with its text. */
const FATAL_ONLY = 4;

type Name = 'webgpu' | 'wasm';

const names: readonly Name[] = ['webgpu', 'wasm'];

/** What ONNX Runtime can leave on the GPU. */
const onGpu: readonly DataType[] = ['float32', 'float16', 'int32', 'int64', 'uint32', 'uint8', 'bool'];

/** onnxruntime-web is started once in a worker, when the first session is asked for. */
export class OnnxRuntimeWeb implements Runtime {
  readonly name = 'onnxruntime-web';
  readonly version = ort.env.versions.web ?? ort.env.versions.common;
  readonly #warnings: Warning[] = [];
  #loaded: Promise<void> | undefined;
  #gpu: GpuWatch | undefined;

  constructor(private readonly options: WebRuntimeOptions) {}

  /** Loads what a device will need before it is asked for. */
  async start(device: 'auto' | Device): Promise<void> {
    const gpu = device === 'webgpu' || device === 'auto' ? (await whyNoGpu()) === undefined : false;
    if (gpu || device !== 'webgpu') await this.#load(gpu ? 'webgpu' : 'wasm');
  }

  async devices(): Promise<readonly Device[]> {
    return names;
  }

  warnings(device: Device): readonly Warning[] {
    // Threads are of no matter to the GPU.
    return this.#warnings.filter(({ code }) => code !== 'one-thread' || device === 'wasm');
  }

  /** @throws SaywhyError `unknown-device`, `device-unavailable`, `wasm-failed`, `session-failed`, `out-of-memory` */
  async createSession(model: ModelBytes, { device, outputs, layout }: SessionOptions): Promise<Session> {
    const name = names.find((known) => known === device);
    if (!name) throw unknownDevice(device);
    if (name === 'wasm') {
      await this.#load('wasm');
      return this.#open(model, 'wasm', 'cpu');
    }
    const reason = this.#gpu ? undefined : await whyNoGpu();
    if (reason !== undefined)
      throw new SaywhyError('device-unavailable', `WebGPU cannot be used: ${reason}. Use { device: 'wasm' }, or auto.`);
    await this.#load('webgpu');
    const open = (on: Name) => this.#open(model, on, on === 'wasm' ? 'cpu' : outputs, layout);
    const bytes = sizeOf(model);
    if (bytes > COMPARED_BYTES) {
      this.#unchecked(
        `the model has ${Math.round(bytes / 1e6)} MB, more than the ${COMPARED_BYTES / 1e6} up to which that is done`,
      );
      return open('webgpu');
    }
    const { session, unchecked } = await openCompared(model, open);
    if (unchecked !== undefined) this.#unchecked(unchecked);
    return session;
  }

  /** Said once, of the first part that it is true of. */
  #unchecked(reason: string): void {
    if (this.#warnings.some(({ code }) => code === 'device-unchecked')) return;
    const message = `WebGPU's numbers were not all compared with wasm's: ${reason}.`;
    this.#warnings.push({ code: 'device-unchecked', message });
  }

  #load(device: Name): Promise<void> {
    const { assets, onProgress } = this.options;
    if (!this.#loaded) {
      const { threads, warning } = threadsFor(this.options.threads);
      if (warning) this.#warnings.push(warning);
      this.#loaded = loadRuntime(device, { assets, threads, onProgress });
    }
    return this.#loaded;
  }

  async #open(
    model: ModelBytes,
    device: Name,
    outputs: SessionOptions['outputs'],
    layout?: SessionOptions['layout'],
  ): Promise<Session> {
    const external = Object.entries(model.external ?? {}).map(([path, data]) => ({ path, data }));
    const open = async () => {
      const session = await ort.InferenceSession.create(model.bytes, {
        executionProviders: [layout && device === 'webgpu' ? { name: device, preferredLayout: layout } : device],
        graphOptimizationLevel: 'all',
        logSeverityLevel: FATAL_ONLY,
        ...(external.length > 0 && { externalData: external }),
        ...(outputs === 'device' && { preferredOutputLocation: locations(model) }),
      });
      if (device === 'webgpu') this.#gpu ??= await GpuWatch.start();
      return session;
    };
    try {
      const session = await (this.#gpu && device === 'webgpu' ? this.#gpu.run(open) : open());
      return this.#wrap(session, device);
    } catch (error) {
      throw runtimeError('session-failed', `onnxruntime-web cannot load this model on ${device}`, error);
    }
  }

  #wrap(session: ort.InferenceSession, device: Name): Session {
    const gpu = device === 'webgpu' ? this.#gpu : undefined;
    return {
      async run(feeds, fetches) {
        await nextTask();
        const run = () => (fetches ? session.run(feeds, fetches) : session.run(feeds));
        try {
          return await (gpu ? gpu.run(run) : run());
        } catch (error) {
          throw runtimeError('run-failed', 'The model failed while it ran', error);
        }
      },
      release: () => session.release(),
    };
  }
}

const sizeOf = ({ bytes, external = {} }: ModelBytes): number =>
  Object.values(external).reduce((sum, file) => sum + file.length, bytes.length);

/** Where each output is left: on the GPU if it can lie there. */
function locations(model: ModelBytes): Record<string, 'gpu-buffer' | 'cpu'> {
  const { outputs } = parseModel(model).graph;
  return Object.fromEntries(outputs.map(({ name, type }) => [name, onGpu.includes(type) ? 'gpu-buffer' : 'cpu']));
}

function unknownDevice(device: string): SaywhyError {
  const [near] = nearest(device, names);
  return new SaywhyError(
    'unknown-device',
    `Unknown device "${device}".${near ? ` Did you mean ${near}?` : ''} Use one of: auto, ${names.join(', ')}.`,
  );
}
