// A worker that lets a test see and hurt its GPU: what is done is asked for through a channel.

/** Files for `serveAdapter`: `/hooked.js` is a worker for `createExplainer`; `/wrong.js` and `/wrong-gradient.js` compute wrongly. */
export const hookedWorkers: Readonly<Record<string, string>> = {
  '/gpu-hooks.js': `
const live = new Set();
let device, dispatches = 0;
const around = (prototype, method, change) => {
  const own = prototype[method];
  prototype[method] = function (...given) { return change.call(this, (...args) => own.apply(this, args), ...given); };
};
around(GPUDevice.prototype, 'createBuffer', (create, ...given) => {
  const buffer = create(...given);
  live.add(buffer);
  return buffer;
});
around(GPUBuffer.prototype, 'destroy', function (destroy) {
  live.delete(this);
  destroy();
});
around(GPUComputePassEncoder.prototype, 'dispatchWorkgroups', (dispatch, ...given) => {
  dispatches++;
  dispatch(...given);
});
around(GPUAdapter.prototype, 'requestDevice', async (request, ...given) => (device = await request(...given)));
const memories = [];
WebAssembly.Memory = new Proxy(WebAssembly.Memory, {
  construct(Memory, given) {
    const memory = new Memory(...given);
    memories.push(memory);
    return memory;
  },
});
const channel = new BroadcastChannel('hooks');
channel.onmessage = ({ data }) => {
  if (data === 'lose') {
    device.destroy();
    channel.postMessage('destroyed');
  }
  if (data !== 'ask') return;
  const bytes = [...live].reduce((sum, { size }) => sum + size, 0);
  const wasm = memories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0);
  channel.postMessage({ buffers: live.size, bytes, dispatches, wasm });
};`,
  '/hooked.js': `import './gpu-hooks.js'; import './worker.js';`,
  // The mean over space of the forward part; the division by the number of places of the backward one.
  ...wrong('/wrong.js', 'value /= f32(count_shared[0]);', 'value /= 0.5 * f32(count_shared[0]);'),
  ...wrong('/wrong-gradient.js', '=a / b;', '=a * b;'),
};

function wrong(path: string, right: string, changed: string): Record<string, string> {
  const hook = path.replace('.js', '-hook.js');
  return {
    [hook]: `
const create = GPUDevice.prototype.createShaderModule;
GPUDevice.prototype.createShaderModule = function ({ code, ...others }) {
  return create.call(this, { ...others, code: code.replaceAll(${JSON.stringify(right)}, ${JSON.stringify(changed)}) });
};`,
    [path]: `import '.${hook}'; import './worker.js';`,
  };
}

/** What `/hooked.js` answers. */
export interface Hooked {
  /** GPU buffers that were made and not destroyed, and the bytes in them. */
  readonly buffers: number;
  readonly bytes: number;
  /** Times that a shader was started. */
  readonly dispatches: number;
  /** Size of the WebAssembly memories, in bytes. */
  readonly wasm: number;
}
