import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { OrtRequest } from './ort-child.js';

/** How long onnxruntime may take over one model. */
const TIMEOUT = 20_000;

/** Asks a process of its own whether onnxruntime loads a model, and runs it. */
export class OrtLoader {
  private child: ChildProcess | undefined;

  /** Undefined where it loads; else what it says, or that the process ended. */
  load(bytes: Uint8Array): Promise<string | undefined> {
    return this.ask({ bytes, runs: false });
  }

  /** The same of loading it and running it on zeros. */
  run(bytes: Uint8Array): Promise<string | undefined> {
    return this.ask({ bytes, runs: true });
  }

  private async ask(request: OrtRequest): Promise<string | undefined> {
    const child = this.start();
    return new Promise((resolve) => {
      const finish = (answer: string | undefined, isOver: boolean) => {
        clearTimeout(timer);
        child.removeAllListeners();
        if (isOver) this.stop();
        resolve(answer);
      };
      const timer = setTimeout(() => finish('took too long', true), TIMEOUT);
      child.once('message', (answer) => finish(answer === '' ? undefined : String(answer), false));
      child.once('exit', (code, signal) => finish(`ended by ${signal ?? code}`, true));
      child.send(request);
    });
  }

  stop(): void {
    this.child?.kill('SIGKILL');
    this.child = undefined;
  }

  private start(): ChildProcess {
    this.child ??= fork(fileURLToPath(new URL('ort-child.ts', import.meta.url)), {
      execArgv: ['--import=tsx'],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    return this.child;
  }
}
