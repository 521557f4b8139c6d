// WebGPU in Node without a graphics card: on SwiftShader, which Debian's Chromium brings. The system's loader reads where it lies when a process starts, so
// what is to run on it runs in a process of its own.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const chromium = '/usr/lib/chromium';

/**
 * Runs a module that prints one line of JSON, after `SAYWHY:`.
 * @throws Error with its last words where it prints none
 */
export function onSwiftShader<T>(module: URL, { timeout = 300_000 } = {}): Promise<T> {
  const env = {
    ...process.env,
    XDG_RUNTIME_DIR: '/tmp',
    LD_LIBRARY_PATH: chromium,
    VK_ICD_FILENAMES: `${chromium}/vk_swiftshader_icd.json`,
  };
  const args = ['--import', 'tsx', '--conditions=@saywhy/source', fileURLToPath(module)];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { env, timeout, maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      const answer = /^SAYWHY:(.*)$/m.exec(stdout)?.[1];
      if (answer !== undefined) resolve(JSON.parse(answer) as T);
      else reject(new Error(`${module.pathname} gave no answer: ${stderr.slice(-2000) || error?.message}`));
    });
  });
}

/** What a module run by `onSwiftShader` says last. ONNX Runtime's WebGPU may not end by itself. */
export function answerWith(value: unknown): void {
  process.stdout.write(`SAYWHY:${JSON.stringify(value)}\n`, () => process.exit());
}
