// The files that come with the package: the worker, and onnxruntime-web's. This module lies at the root of `src` because they lie at the root of `dist`.
// Bundlers see the addresses as they are written, copy the files and put the addresses of the copies here. That is why the page's side has them and the
// worker gets them: the worker is copied as it is, and no bundler looks into it.

/** One build of onnxruntime-web: the program, and the JavaScript that runs it. */
export interface Build {
  readonly wasm: string;
  readonly mjs: string;
}

/** The builds by what they use to wait for WebGPU; `wasm` has none. */
export type Builds = Readonly<Record<'wasm' | 'jspi' | 'asyncify', Build>>;

export const ownWorker = (): URL => new URL('./worker.js', import.meta.url);

export const ownBuilds = (): Builds => ({
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
});
