import { type Model, type ModelBytes, parseModel } from '@saywhy/autodiff';
import { throwIfAborted } from './abort.js';
import { SaywhyError } from './errors.js';
import { blankScores, Core, interpretScores, othersOf } from './explain/core.js';
import { ModelExplainer } from './explainer.js';
import type { Remake } from './metrics/sanity-check.js';
import { describeModel } from './model/describe.js';
import { sha256 } from './model/hash.js';
import { Parts } from './sessions/parts.js';
import { Runner } from './sessions/runner.js';
import { SessionStore } from './sessions/store.js';
import type { GradientSource, RawScores } from './sessions/work.js';
import type { Device, Explainer, ExplainerOptions, Runtime, Warning } from './types.js';
import { version } from './version.js';

const SESSION_BYTES = 2 ** 30;

/**
 * Makes ready to explain a model: a plain forward ONNX file, or one that `prepare` made. The sessions for Grad-CAM at the last feature map are opened, so
 * that a device that cannot be used, and an operator that it lacks, are known at once.
 *
 * @throws SaywhyError `invalid-model`, `no-scores`, `no-picture-input`, `no-device`, and the runtime's own errors as `session-failed`
 */
export async function createExplainer(
  source: Uint8Array | ModelBytes | Model,
  options: ExplainerOptions & { readonly runtime: Runtime },
): Promise<Explainer> {
  const { onProgress, signal, ...lasting } = options;
  const { runtime } = lasting;
  throwIfAborted(signal);
  onProgress?.({ stage: 'prepare', what: 'differentiate', loaded: 0, total: 2 });
  const model = 'graph' in source ? source : parseModel(source);
  const { foreignModel } = options.gradients ? await import('./model/foreign.js') : {};
  const description = describeModel(model, options, foreignModel);
  const { scores, features, info } = description;
  const tokenizer = options.tokenizer ?? info.tokenizer;
  const reads = tokenizer !== undefined || info.inputs.some(({ kind }) => kind === 'text' || kind === 'caption');
  // What is wrong with the tokenizer is told before anything slow starts.
  const texts = reads ? (await import('./texts/explainer.js')).textsWith(tokenizer) : undefined;
  const others = othersOf(description);
  const interpret = (found: RawScores) => interpretScores(description, found);
  const runnerOf = async (store: SessionStore, device: Device): Promise<GradientSource> => {
    if (description.foreign) {
      const { ForeignRunner } = await import('./sessions/foreign.js');
      return new ForeignRunner(description.model, scores.tensor, description.foreign, interpret, others, store);
    }
    const parts = new Parts(description.model, scores.tensor, description.prepared);
    const model = { parts, scoresType: scores.type, blank: blankScores(description), interpret, others };
    return new Runner(model, store, device === 'webgpu');
  };
  const layer = features.auto?.tensor;
  onProgress?.({ stage: 'prepare', what: 'session', loaded: 1, total: 2 });
  const opened = await onFirstDevice(runtime, options.device ?? 'auto', signal, async (device) => {
    throwIfAborted(signal);
    const store = new SessionStore({
      runtime,
      device,
      threads: options.threads,
      budget: options.sessionBytes ?? SESSION_BYTES,
    });
    const runner = await runnerOf(store, device);
    try {
      await runner.warm(layer === undefined ? [] : [layer]);
    } catch (error) {
      await store.release();
      throw error;
    }
    return { store, runner };
  });
  onProgress?.({ stage: 'prepare', what: 'session', loaded: 2, total: 2 });
  const versions = { saywhy: version, [runtime.name]: runtime.version ?? 'unknown' };
  const bytes = source instanceof Uint8Array ? source : 'bytes' in source ? source.bytes : undefined;
  const hash = bytes ? sha256(bytes) : Promise.resolve(undefined);
  const warnings = [...opened.warnings, ...(runtime.warnings?.(opened.device) ?? [])];
  const core = new Core(description, opened.runner, opened.device, warnings, versions, hash);
  const remake: Remake = (other, watch) => createExplainer(other, { ...lasting, ...watch, device: opened.device });
  const explainer = new ModelExplainer(core, opened.store, remake);
  return texts ? texts(explainer) : explainer;
}

/** A device by name is used or refused; `auto` goes through what the runtime offers, and says what it could not use. */
async function onFirstDevice<T extends object>(
  runtime: Runtime,
  wanted: 'auto' | Device,
  signal: AbortSignal | undefined,
  open: (device: Device) => Promise<T>,
): Promise<T & { device: Device; warnings: Warning[] }> {
  const devices = wanted === 'auto' ? await runtime.devices() : [wanted];
  const warnings: Warning[] = [];
  let last: unknown;
  for (const device of devices)
    try {
      return { ...(await open(device)), device, warnings };
    } catch (error) {
      throwIfAborted(signal);
      if (error instanceof SaywhyError && error.code !== 'device-unavailable' && error.code !== 'session-failed')
        throw error;
      last = error;
      const reason = error instanceof Error ? error.message : String(error);
      const isNamed = error instanceof SaywhyError && error.code === 'device-unavailable';
      warnings.push({ code: 'device-skipped', message: isNamed ? reason : `${device} could not be used: ${reason}` });
    }
  if (last instanceof SaywhyError) throw last;
  const reason = last instanceof Error ? last.message : 'it offers none';
  throw new SaywhyError(
    'no-device',
    `${runtime.name} could not run this model on ${devices.join(', ') || 'any device'}: ${reason}`,
    {
      cause: last,
    },
  );
}
