import { createRequire } from 'node:module';
import { nearest } from '@saywhy/autodiff';
import type { Device, ModelBytes, Runtime, Session, SessionOptions } from '@saywhy/core';
import { SaywhyError } from '@saywhy/core';
import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { hasCudaProvider, lastWords, probeDevice } from './probe.js';

/** The devices that onnxruntime-node has names for and saywhy is tested with. */
export const deviceNames = ['cpu', 'cuda', 'webgpu'] as const;

/** Warnings about single operators help nobody who explains a picture; an error is thrown anyway, with its text. */
const FATAL_ONLY = 4;

/** Runs models with onnxruntime-node. */
export const onnxruntimeNode: Runtime = {
  name: 'onnxruntime-node',
  get version(): string {
    return createRequire(import.meta.url)('onnxruntime-node/package.json').version;
  },
  devices,
  createSession,
};

/** What really starts on this machine, the preferred one first. Starts each device once, which takes up to some seconds. */
async function devices(): Promise<readonly Device[]> {
  const [cuda, webgpu] = await Promise.all([probeDevice('cuda'), probeDevice('webgpu')]);
  return [...(cuda.usable ? ['cuda'] : []), 'cpu', ...(webgpu.usable ? ['webgpu'] : [])];
}

/** What `auto` takes: CUDA where it truly starts, else the CPU. */
export async function preferredDevice(): Promise<Device> {
  return hasCudaProvider() && (await probeDevice('cuda')).usable ? 'cuda' : 'cpu';
}

/**
 * @throws SaywhyError `unknown-device` for a name that is none, `device-unavailable` with what is missing
 */
export async function checkDevice(device: Device): Promise<void> {
  if (!deviceNames.some((name) => name === device)) {
    const [near] = nearest(device, deviceNames);
    throw new SaywhyError(
      'unknown-device',
      `Unknown device "${device}".${near ? ` Did you mean ${near}?` : ''} Use one of: auto, ${deviceNames.join(', ')}.`,
    );
  }
  if (device === 'cpu') return;
  const probe = await probeDevice(device);
  if (!probe.usable) {
    throw new SaywhyError(
      'device-unavailable',
      `Device "${device}" cannot be used: ${probe.reason}. Use cpu, or auto.`,
    );
  }
}

async function createSession(model: ModelBytes, options: SessionOptions): Promise<Session> {
  await checkDevice(options.device);
  // Loaded when it is first needed, since the native library takes its time and --help does without.
  const ort = await import('onnxruntime-node');
  ort.env.logLevel = 'fatal';
  const external = Object.entries(model.external ?? {}).map(([path, data]) => ({ path, data }));
  try {
    const session = await ort.InferenceSession.create(model.bytes, {
      executionProviders: [provider(options)],
      graphOptimizationLevel: 'all',
      logSeverityLevel: FATAL_ONLY,
      ...(options.threads === undefined ? {} : { intraOpNumThreads: options.threads }),
      ...(external.length > 0 ? { externalData: external } : {}),
    });
    return wrap(session);
  } catch (error) {
    throw new SaywhyError(
      'session-failed',
      `onnxruntime-node cannot load this model on ${options.device}: ${lastWords(messageOf(error))}.`,
      { cause: error },
    );
  }
}

function provider({ device, layout }: SessionOptions): InferenceSession.ExecutionProviderConfig {
  return device === 'webgpu' && layout ? { name: device, preferredLayout: layout } : device;
}

function wrap(session: InferenceSession): Session {
  return {
    async run(feeds, fetches) {
      try {
        const readable = Object.fromEntries(Object.entries(feeds).map(([name, tensor]) => [name, withBits(tensor)]));
        return await (fetches ? session.run(readable, fetches) : session.run(readable));
      } catch (error) {
        throw new SaywhyError('run-failed', `The model failed while it ran: ${lastWords(messageOf(error))}.`, {
          cause: error,
        });
      }
    },
    release: () => session.release(),
  };
}

/**
 * Where JavaScript has Float16Array (Node 24), onnxruntime-common holds half precision in one, which onnxruntime-node's native part takes for empty: it
 * is shown the bits instead.
 */
function withBits(tensor: Tensor): Tensor {
  if (tensor.type !== 'float16' || tensor.data instanceof Uint16Array) return tensor;
  const { buffer, byteOffset, length } = tensor.data as unknown as Uint16Array;
  const bits = { value: new Uint16Array(buffer, byteOffset, length) };
  return Object.create(tensor, { data: bits, cpuData: bits });
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
