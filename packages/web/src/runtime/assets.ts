// onnxruntime-web's WebAssembly: which of its builds this browser needs, and where it lies.

/** One build: the program, and the JavaScript that runs it. */
export interface Build {
  readonly wasm: string;
  readonly mjs: string;
}

/** Written so that Vite and webpack see which files they are, and take them along. */
const builds = {
  wasm: {
    wasm: new URL('./ort-wasm-simd-threaded.wasm', import.meta.url).href,
    mjs: new URL('./ort-wasm-simd-threaded.mjs', import.meta.url).href,
  },
  jspi: {
    wasm: new URL('./ort-wasm-simd-threaded.jspi.wasm', import.meta.url).href,
    mjs: new URL('./ort-wasm-simd-threaded.jspi.mjs', import.meta.url).href,
  },
  asyncify: {
    wasm: new URL('./ort-wasm-simd-threaded.asyncify.wasm', import.meta.url).href,
    mjs: new URL('./ort-wasm-simd-threaded.asyncify.mjs', import.meta.url).href,
  },
};

/**
 * WebGPU needs a build that can wait for it: by the browser's own means (JSPI) where it has them, else by a program twice the size. Without WebGPU the plain
 * one is the smallest.
 * @param folder where the files lie, if not beside the worker
 */
export function chooseBuild(withWebGpu: boolean, folder: string | undefined): Build {
  const name = !withWebGpu ? 'wasm' : 'Suspending' in WebAssembly ? 'jspi' : 'asyncify';
  const build = builds[name];
  if (folder === undefined) return build;
  const suffix = name === 'wasm' ? '' : `.${name}`;
  const file = (ending: string) => new URL(`ort-wasm-simd-threaded${suffix}.${ending}`, folder).href;
  return { wasm: file('wasm'), mjs: file('mjs') };
}
