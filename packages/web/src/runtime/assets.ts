// onnxruntime-web's WebAssembly: which of its builds this browser needs, and where it lies.
import type { Build, Builds } from '../own-files.js';

/**
 * WebGPU needs a build that can wait for it: by the browser's own means (JSPI) where it has them, else by a program twice the size. Without WebGPU the plain
 * one is the smallest.
 * @param assets the addresses, or the folder where the files lie under their own names; beside the worker if left out
 */
export function chooseBuild(withWebGpu: boolean, assets: Builds | string | undefined): Build {
  const name = !withWebGpu ? 'wasm' : 'Suspending' in WebAssembly ? 'jspi' : 'asyncify';
  if (typeof assets === 'object') return assets[name];
  const suffix = name === 'wasm' ? '' : `.${name}`;
  const file = (ending: string) => new URL(`ort-wasm-simd-threaded${suffix}.${ending}`, assets ?? self.location.href);
  return { wasm: file('wasm').href, mjs: file('mjs').href };
}
