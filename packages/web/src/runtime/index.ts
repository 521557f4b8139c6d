// core's Runtime over onnxruntime-web.
import {
  type ModelBytes,
  type Progress,
  type Runtime,
  SaywhyError,
  type Session,
  type SessionOptions,
  type Warning,
} from '@saywhy/core';
import * as ort from 'onnxruntime-web/webgpu';
import { fetchBytes } from '../models/download.js';
import { chooseBuild } from './assets.js';

export interface WebRuntimeOptions {
  readonly device: string;
  readonly assets?: string | undefined;
  readonly threads?: number | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

const deviceNames = ['webgpu', 'wasm'] as const;

export class OnnxRuntimeWeb implements Runtime {
  readonly name = 'onnxruntime-web';
  readonly version = ort.env.versions.web ?? ort.env.versions.common;
  readonly warnings: Warning[] = [];
  #ready: Promise<void> | undefined;

  constructor(private readonly options: WebRuntimeOptions) {}

  async devices() {
    return deviceNames;
  }

  async createSession(model: ModelBytes, { device, outputs }: SessionOptions): Promise<Session> {
    this.#ready ??= this.#load(device === 'webgpu');
    await this.#ready;
    const external = Object.entries(model.external ?? {}).map(([path, data]) => ({ path, data }));
    try {
      const session = await ort.InferenceSession.create(model.bytes, {
        executionProviders: [device],
        graphOptimizationLevel: 'all',
        logSeverityLevel: 4,
        ...(external.length > 0 && { externalData: external }),
        ...(outputs === 'device' && { preferredOutputLocation: 'gpu-buffer' as const }),
      });
      return wrap(session);
    } catch (error) {
      throw new SaywhyError('session-failed', `onnxruntime-web cannot load this model on ${device}: ${error}.`, {
        cause: error,
      });
    }
  }

  async #load(withWebGpu: boolean): Promise<void> {
    const build = chooseBuild(withWebGpu, this.options.assets);
    ort.env.logLevel = 'fatal';
    ort.env.wasm.numThreads = self.crossOriginIsolated
      ? (this.options.threads ?? Math.min(4, Math.ceil(navigator.hardwareConcurrency / 2)))
      : 1;
    const { onProgress } = this.options;
    ort.env.wasm.wasmPaths = build;
    ort.env.wasm.wasmBinary = await fetchBytes(build.wasm, 'runtime', { onProgress });
  }
}

function wrap(session: ort.InferenceSession): Session {
  return {
    async run(feeds, fetches) {
      await nextTask();
      try {
        return await (fetches ? session.run(feeds, fetches) : session.run(feeds));
      } catch (error) {
        throw new SaywhyError('run-failed', `The model failed while it ran: ${error}.`, { cause: error });
      }
    },
    release: () => session.release(),
  };
}

const { port1, port2 } = new MessageChannel();

/** Lets messages in, such as an abort: runs on wasm would follow each other without a break. */
function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    port1.onmessage = () => resolve();
    port2.postMessage(0);
  });
}
