// Whether a device works is found out by starting it: a library that is bundled may still lack a driver. It happens in a
// process of its own, since native code says what is missing on stderr only, and a broken driver can end the process.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

export type Probe = { readonly usable: true } | { readonly usable: false; readonly reason: string };

/** y = x + x for one float32 number, opset 13. */
const TINY_MODEL = 'CAcSADo1Cg4KAXgKAXgSAXkiA0FkZBIBZ1oPCgF4EgoKCAgBEgQKAggBYg8KAXkSCgoICAESBAoCCAFCBAoAEA0=';

const PATIENCE_MS = 60_000;

const probes = new Map<string, Promise<Probe>>();

/** Starts the device once a process and remembers what came of it. */
export function probeDevice(device: string): Promise<Probe> {
  let probe = probes.get(device);
  if (!probe) {
    probe = device === 'cuda' && !hasCudaProvider() ? Promise.resolve(withoutCudaProvider()) : start(device);
    probes.set(device, probe);
  }
  return probe;
}

/** Whether the library is there that onnxruntime-node loads for CUDA; its npm package does not hold it. */
export function hasCudaProvider(): boolean {
  return existsSync(cudaProvider());
}

const cudaProvider = (): string =>
  join(
    binaries(),
    process.platform === 'win32' ? 'onnxruntime_providers_cuda.dll' : 'libonnxruntime_providers_cuda.so',
  );

/** The folder with onnxruntime-node's libraries for this machine. */
const binaries = (): string => join(dirname(ortEntry()), '..', 'bin', 'napi-v6', process.platform, process.arch);

const ortEntry = (): string => createRequire(import.meta.url).resolve('onnxruntime-node');

function withoutCudaProvider(): Probe {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    return {
      usable: false,
      reason: `onnxruntime-node has CUDA on linux x64 only, and this is ${process.platform} ${process.arch}`,
    };
  }
  return {
    usable: false,
    reason: `its library ${cudaProvider()} is not there. onnxruntime-node's install script fetches it: ONNXRUNTIME_NODE_INSTALL=true npm rebuild onnxruntime-node (with pnpm: allow its build script). It also wants an NVIDIA driver, CUDA and cuDNN`,
  };
}

function start(device: string): Promise<Probe> {
  const script = `
    const ort = (await import(${JSON.stringify(pathToFileURL(ortEntry()).href)})).default;
    const model = Buffer.from('${TINY_MODEL}', 'base64');
    try {
      const session = await ort.InferenceSession.create(model, { executionProviders: ['${device}'] });
      const { y } = await session.run({ x: new ort.Tensor('float32', [2], [1]) });
      process.stdout.write(y.data[0] === 4 ? 'SAYWHY:works' : 'SAYWHY:computes wrong numbers');
    } catch (error) {
      process.stdout.write('SAYWHY:' + error.message);
    }
    process.exit();`;
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['--input-type=module', '--eval', script],
      { timeout: PATIENCE_MS, env: { ...process.env, NODE_OPTIONS: '' } },
      (error, stdout, stderr) => {
        const answer = /SAYWHY:(.*)/s.exec(stdout)?.[1];
        if (answer === 'works') resolve({ usable: true });
        else resolve({ usable: false, reason: explain(answer ?? error?.message ?? 'it ended without a word', stderr) });
      },
    );
  });
}

/** What is missing, in a line: the library that the system's loader did not find, or the runtime's own last words. */
function explain(message: string, stderr: string): string {
  const missing = [...`${message}\n${stderr}`.matchAll(/(lib[\w.+-]+): cannot open shared object file/g)].map(
    ([, name]) => name!,
  );
  if (missing.length > 0) return `the library ${[...new Set(missing)].join(' and ')} is not on this machine`;
  return lastWords(message);
}

/** ONNX Runtime puts the source location, the function and the condition before what it means to say. */
export function lastWords(message: string): string {
  return (
    message
      .trim()
      .split('\n')[0]!
      .replace(/^.*was false\. /, '')
      .replace(/^.*?\[ONNXRuntimeError\] : \d+ : \w+ : /, '')
      .replace(/\.$/, '') || 'no reason was given'
  );
}
